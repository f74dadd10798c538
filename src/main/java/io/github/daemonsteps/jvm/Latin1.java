package io.github.daemonsteps.jvm;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.github.daemonsteps.posix.CString;
import java.util.ArrayList;
import java.util.List;

/**
 * Bytes as a {@link String} with a character for each byte, which can be searched and split like text without
 * loss. Such a string is never shown to people; {@link #quoted} is.
 */
final class Latin1 {

    private Latin1() {
    }

    static String of(CString string) {
        return of(string.bytes());
    }

    static String of(byte[] bytes) {
        return new String(bytes, ISO_8859_1);
    }

    static List<String> of(List<CString> strings) {
        List<String> texts = new ArrayList<>(strings.size());
        for (CString string : strings) {
            texts.add(of(string));
        }
        return texts;
    }

    static CString toCString(String bytes) {
        return CString.ofBytes(bytes.getBytes(ISO_8859_1));
    }

    /** Returns the string in a form for people to read: {@link CString#quoted}. */
    static String quoted(String bytes) {
        return toCString(bytes.replace('\0', '?')).quoted();
    }
}
