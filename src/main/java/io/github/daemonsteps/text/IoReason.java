package io.github.daemonsteps.text;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.Objects;

/**
 * The reason why a file cannot be used, for messages. The message of some Java exceptions is only the path,
 * and that of others is the name of a class.
 */
public final class IoReason {

    private IoReason() {
    }

    /** Returns the reason, without the path. */
    public static String of(IOException failed) {
        String reason = switch (failed) {
            case NoSuchFileException _ -> "it is missing";
            case AccessDeniedException _ -> "permission denied";
            case FileAlreadyExistsException _ -> "it exists already";
            case NotDirectoryException _ -> "it is not a directory";
            case DirectoryNotEmptyException _ -> "the directory is not empty";
            case FileSystemLoopException _ -> "it leads back to itself";
            case FileSystemException known -> known.getReason();
            default -> failed.getMessage();
        };
        return reason == null ? "input/output error" : reason;
    }

    /** Returns the path and the reason, or only the reason if the path is unknown. */
    public static String withFile(IOException failed) {
        String file = failed instanceof FileSystemException known ? known.getFile() : null;
        return file == null ? of(failed) : file + ": " + of(failed);
    }

    /** Returns the message, if this project has written it; else the path and the reason. */
    public static String withFile(UncheckedIOException failed) {
        IOException cause = cause(failed);
        String message = failed.getMessage();
        return message == null || message.equals(cause.toString()) ? withFile(cause) : message;
    }

    /** Returns the wrapped failure. */
    public static IOException cause(UncheckedIOException failed) {
        return Objects.requireNonNull(failed.getCause());
    }

    /** Returns whether this user lacks a permission. */
    public static boolean isDenied(IOException failed) {
        return failed instanceof AccessDeniedException;
    }
}
