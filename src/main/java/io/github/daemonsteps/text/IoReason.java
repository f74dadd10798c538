package io.github.daemonsteps.text;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;

/** Why a file could not be used, for people: the messages of some exceptions of Java are the path alone. */
public final class IoReason {

    private IoReason() {
    }

    /** Returns the reason, without the path. */
    public static String of(IOException failed) {
        if (failed instanceof NoSuchFileException) {
            return "it is missing";
        }
        if (failed instanceof AccessDeniedException) {
            return "permission denied";
        }
        String reason = failed instanceof FileSystemException known ? known.getReason() : failed.getMessage();
        return reason == null ? "input or output failed" : reason;
    }
}
