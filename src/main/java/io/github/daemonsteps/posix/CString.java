package io.github.daemonsteps.posix;

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
 * A string as C has it: bytes without a NUL. File names, arguments and environment variables are bytes and
 * need be no text in any encoding, so they travel as these and come out as they went in.
 */
public final class CString {

    /** {@code PATH_MAX} of linux/limits.h: a path and its NUL have at most so many bytes. */
    public static final int PATH_MAX = 4096;

    private final byte[] bytes;

    private CString(byte[] bytes) {
        this.bytes = bytes;
    }

    /**
     * The bytes of {@code text} in UTF-8, whatever the locale.
     *
     * @throws IllegalArgumentException if it contains a NUL, or half a surrogate pair
     */
    public static CString of(String text) {
        try {
            ByteBuffer encoded = StandardCharsets.UTF_8.newEncoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .encode(CharBuffer.wrap(text));
            byte[] bytes = new byte[encoded.remaining()];
            encoded.get(bytes);
            return ofBytes(bytes);
        } catch (CharacterCodingException malformed) {
            throw new IllegalArgumentException("not a string of Unicode characters: "
                    + new CString(text.getBytes(StandardCharsets.UTF_8)).quoted(), malformed);
        }
    }

    /**
     * The bytes of a path, whatever the locale: a path that is no text in it has lost some of them in its {@link
     * Path#toString}.
     */
    public static CString of(Path path) {
        String encoded = path.isAbsolute() ? path.toUri().getRawPath() : "";
        if (encoded.isEmpty()) {
            return of(path.toString());
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
            length--; // a URI of a directory ends so
        }
        return ofBytes(Arrays.copyOf(bytes, length));
    }

    /** The UTF-8 bytes of each of these. */
    public static List<CString> listOf(String... texts) {
        return Arrays.stream(texts).map(CString::of).toList();
    }

    /** The strings of a block of them, each of which ends with a NUL. */
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
     * These bytes, copied.
     *
     * @throws IllegalArgumentException if one of them is 0
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

    /** A copy of the bytes, without the NUL that ends the string in C. */
    public byte[] bytes() {
        return bytes.clone();
    }

    /** The number of bytes, without the NUL. */
    public int length() {
        return bytes.length;
    }

    /** The bytes from this index on. */
    public CString from(int index) {
        return ofBytes(Arrays.copyOfRange(bytes, index, bytes.length));
    }

    /** The bytes before this index. */
    public CString until(int index) {
        return ofBytes(Arrays.copyOf(bytes, index));
    }

    /** The index of the first byte that is this character of ASCII, or -1. */
    public int indexOf(char character) {
        int index = 0;
        while (index < bytes.length && bytes[index] != character) {
            index++;
        }
        return index == bytes.length ? -1 : index;
    }

    /** The index of the last byte that is this character of ASCII, or -1. */
    public int lastIndexOf(char character) {
        int index = bytes.length - 1;
        while (index >= 0 && bytes[index] != character) {
            index--;
        }
        return index;
    }

    /** Whether it begins with these bytes. */
    public boolean startsWith(CString prefix) {
        return bytes.length >= prefix.bytes.length
                && Arrays.equals(bytes, 0, prefix.bytes.length, prefix.bytes, 0, prefix.bytes.length);
    }

    /** These bytes and then those. */
    public CString plus(CString other) {
        byte[] both = Arrays.copyOf(bytes, bytes.length + other.bytes.length);
        System.arraycopy(other.bytes, 0, both, bytes.length, other.bytes.length);
        return new CString(both);
    }

    /** As a directory: the path of what is called so in it. An absolute path stays what it is. */
    public CString resolve(CString path) {
        if (path.isAbsolutePath()) {
            return path;
        }
        boolean separated = bytes.length > 0 && bytes[bytes.length - 1] == '/';
        return (separated ? this : plus(CString.of("/"))).plus(path);
    }

    /** {@link #resolve(CString)} with the UTF-8 bytes of a path. */
    public CString resolve(String path) {
        return resolve(CString.of(path));
    }

    /** Whether it is an absolute path. */
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

    /** The text for people to read: UTF-8 decoded, with U+FFFD for what is none. */
    @Override
    public String toString() {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /** As a C string literal: quoted, with control characters and broken UTF-8 escaped. */
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
                    } else if (Character.isISOControl(c)) { // in UTF-8, as terminals obey it too
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
