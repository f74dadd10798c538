package io.github.daemonsteps.posix;

import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/**
 * A string as in C: bytes without a NUL. File names, arguments and environment variables are bytes, and need
 * not be text in any encoding. A {@code CString} therefore keeps them and passes them on as bytes.
 */
public final class CString {

    /** {@code PATH_MAX} of linux/limits.h: the maximum number of bytes of a path with its NUL. */
    public static final int PATH_MAX = 4096;

    private final byte[] bytes;

    private CString(byte[] bytes) {
        this.bytes = bytes;
    }

    /**
     * Returns the bytes of {@code text} in UTF-8, whatever the locale is.
     *
     * @throws IllegalArgumentException if the text contains a NUL, or half a surrogate pair
     */
    public static CString of(String text) {
        try {
            ByteBuffer encoded = StandardCharsets.UTF_8.newEncoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .encode(CharBuffer.wrap(text));
            byte[] bytes = new byte[encoded.remaining()];
            encoded.get(bytes);
            return ofBytes(bytes);
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("not a string of Unicode characters: "
                    + new CString(text.getBytes(StandardCharsets.UTF_8)).quoted(), e);
        }
    }

    /**
     * Returns the bytes of a path, whatever the locale is. {@link Path#toString} loses some of the bytes if
     * the path is not text in the locale's encoding. The separator is always a slash.
     */
    public static CString of(Path path) {
        String encoded = path.isAbsolute() ? path.toUri().getRawPath() : "";
        if (encoded.isEmpty()) {
            return of(path.toString().replace(path.getFileSystem().getSeparator(), "/"));
        }
        byte[] bytes = new byte[encoded.length()];
        int length = 0;
        for (int i = 0; i < encoded.length(); i++) {
            if (encoded.charAt(i) == '%') {
                bytes[length++] = (byte) HexFormat.fromHexDigits(encoded, i + 1, i + 3);
                i += 2;
            } else {
                bytes[length++] = (byte) encoded.charAt(i);
            }
        }
        if (length > 1 && bytes[length - 1] == '/') {
            length--; // the URI of a directory ends with a slash
        }
        return ofBytes(Arrays.copyOf(bytes, length));
    }

    /**
     * Returns the path that has these bytes, whatever the locale is.
     *
     * @throws IllegalStateException if the string is not an absolute path
     */
    public Path toPath() {
        if (!isAbsolutePath()) {
            throw new IllegalStateException("not an absolute path: " + quoted());
        }
        var encoded = new StringBuilder("file://");
        for (byte b : bytes) {
            if (b == '/') {
                encoded.append('/');
            } else {
                encoded.append('%').append(HexFormat.of().toHexDigits(b));
            }
        }
        return Path.of(URI.create(encoded.toString()));
    }

    /** Returns the UTF-8 bytes of each text. */
    public static List<CString> listOf(String... texts) {
        List<CString> strings = new ArrayList<>();
        for (String text : texts) {
            strings.add(of(text));
        }
        return List.copyOf(strings);
    }

    /** Returns the strings of a block, in which each string ends with a NUL. */
    public static List<CString> listOf(byte[] block) {
        List<CString> strings = new ArrayList<>();
        int start = 0;
        for (int end = 0; end < block.length; end++) {
            if (block[end] == 0) {
                strings.add(ofBytes(Arrays.copyOfRange(block, start, end)));
                start = end + 1;
            }
        }
        return strings;
    }

    /**
     * Returns a string with a copy of these bytes.
     *
     * @throws IllegalArgumentException if one of the bytes is 0
     */
    public static CString ofBytes(byte[] bytes) {
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] == 0) {
                throw new IllegalArgumentException(
                        "a C string cannot contain a NUL, and this one has it at index " + i + ": "
                                + new CString(bytes).quoted());
            }
        }
        return new CString(bytes.clone());
    }

    /** Returns a copy of the bytes, without the NUL that ends the string in C. */
    public byte[] bytes() {
        return bytes.clone();
    }

    /** Returns the number of bytes, without the NUL. */
    public int length() {
        return bytes.length;
    }

    /** Returns the bytes from this index on. */
    public CString from(int index) {
        return ofBytes(Arrays.copyOfRange(bytes, index, bytes.length));
    }

    /** Returns the bytes before this index. */
    public CString until(int index) {
        return ofBytes(Arrays.copyOf(bytes, index));
    }

    /** Returns the index of the first byte that is this ASCII character, or -1. */
    public int indexOf(char character) {
        int index = 0;
        while (index < bytes.length && bytes[index] != character) {
            index++;
        }
        return index == bytes.length ? -1 : index;
    }

    /** Returns the index of the last byte that is this ASCII character, or -1. */
    public int lastIndexOf(char character) {
        int index = bytes.length - 1;
        while (index >= 0 && bytes[index] != character) {
            index--;
        }
        return index;
    }

    /** Returns whether the string begins with these bytes. */
    public boolean startsWith(CString prefix) {
        return bytes.length >= prefix.bytes.length
                && Arrays.equals(bytes, 0, prefix.bytes.length, prefix.bytes, 0, prefix.bytes.length);
    }

    /** Returns this string followed by another. */
    public CString plus(CString other) {
        byte[] both = Arrays.copyOf(bytes, bytes.length + other.bytes.length);
        System.arraycopy(other.bytes, 0, both, bytes.length, other.bytes.length);
        return new CString(both);
    }

    /**
     * Resolves a path against this string, which is the path of a directory. An absolute path is returned
     * unchanged.
     */
    public CString resolve(CString path) {
        if (path.isAbsolutePath()) {
            return path;
        }
        boolean separated = bytes.length > 0 && bytes[bytes.length - 1] == '/';
        return (separated ? this : plus(CString.of("/"))).plus(path);
    }

    /** Does the same as {@link #resolve(CString)} with the UTF-8 bytes of a path. */
    public CString resolve(String path) {
        return resolve(CString.of(path));
    }

    /**
     * Returns this string if it is an absolute path.
     *
     * @param what the use of the path in a daemon, for the message
     * @throws IllegalArgumentException if the path is relative: it would depend on the working directory
     */
    public CString requireAbsolutePath(String what) {
        if (!isAbsolutePath()) {
            throw new IllegalArgumentException(
                    "a daemon's " + what + " must be an absolute path, not " + quoted());
        }
        return this;
    }

    /** Returns the part of this path after the last slash. */
    public CString fileName() {
        return from(lastIndexOf('/') + 1);
    }

    /** Returns the directory of this absolute path. */
    public CString parent() {
        return until(Math.max(1, lastIndexOf('/')));
    }

    /** Returns whether this string is an absolute path. */
    public boolean isAbsolutePath() {
        return bytes.length > 0 && bytes[0] == '/';
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof CString that && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    /** Returns the text for people, decoded as UTF-8. Malformed bytes appear as U+FFFD. */
    @Override
    public String toString() {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /** Returns a C string literal: quoted, with control characters and malformed UTF-8 escaped. */
    public String quoted() {
        var literal = new StringBuilder("\"");
        String text = toString();
        boolean isText = Arrays.equals(text.getBytes(StandardCharsets.UTF_8), bytes);
        String characters = isText ? text : new String(bytes, StandardCharsets.ISO_8859_1);
        for (int i = 0; i < characters.length(); i++) {
            char c = characters.charAt(i);
            switch (c) {
                case '"' -> literal.append("\\\"");
                case '\\' -> literal.append("\\\\");
                case '\n' -> literal.append("\\n");
                case '\t' -> literal.append("\\t");
                default -> {
                    if (c < 0x80 ? Character.isISOControl(c) : !isText) {
                        literal.append("\\x").append(HexFormat.of().toHexDigits((byte) c));
                    } else if (Character.isISOControl(c)) { // C1 control: terminals obey its UTF-8 form too
                        literal.append("\\xc2\\x").append(HexFormat.of().toHexDigits((byte) c));
                    } else {
                        literal.append(c);
                    }
                }
            }
        }
        return literal.append('"').toString();
    }
}
