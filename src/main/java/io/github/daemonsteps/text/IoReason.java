package io.github.daemonsteps.text;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;

/** The reason why a file cannot be used, for messages: some exceptions of Java have only the path as their message. */
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
        return reason == null ? "input/output error" : reason;
    }
}
