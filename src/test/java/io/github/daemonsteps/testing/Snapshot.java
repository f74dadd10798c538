package io.github.daemonsteps.testing;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/**
 * All that can be seen of a file without following it, but for when it was read last: equal if nothing was done to it.
 *
 * @param attributes what it is, whose, how large, and when that or its content has changed
 * @param content what is in it, if it is a regular one that is not huge
 */
public record Snapshot(Map<String, Object> attributes, String content) {

    private static final int HUGE = 1 << 20;

    /** Of a file as it is now. */
    public static Snapshot of(Path file) throws IOException {
        Map<String, Object> attributes = new TreeMap<>(Files.readAttributes(file,
                "unix:ino,nlink,mode,uid,gid,size,lastModifiedTime,ctime", LinkOption.NOFOLLOW_LINKS));
        boolean isRead = Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS) && Files.size(file) < HUGE;
        return new Snapshot(attributes, isRead ? Files.readString(file, StandardCharsets.ISO_8859_1) : "");
    }
}
