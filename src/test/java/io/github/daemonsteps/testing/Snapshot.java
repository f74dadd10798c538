package io.github.daemonsteps.testing;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/**
 * The state of a file, without its access time and without following a link. It is equal if nothing was
 * done to the file.
 *
 * @param attributes its kind, owner, size and times
 * @param content the content of a regular file that is not huge
 */
public record Snapshot(Map<String, Object> attributes, String content) {

    private static final int HUGE = 1 << 20;

    /** Returns the state of a file now. */
    public static Snapshot of(Path file) throws IOException {
        Map<String, Object> attributes = new TreeMap<>(Files.readAttributes(file,
                "unix:ino,nlink,mode,uid,gid,size,lastModifiedTime,ctime", LinkOption.NOFOLLOW_LINKS));
        boolean isRead = Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS) && Files.size(file) < HUGE;
        return new Snapshot(attributes, isRead ? Files.readString(file, StandardCharsets.ISO_8859_1) : "");
    }
}
