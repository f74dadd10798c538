package io.github.daemonsteps.daemon.unit;

import io.github.daemonsteps.posix.CString;
import java.io.ByteArrayOutputStream;

/** The text of a configuration file. Paths in it are bytes, and need not be text in any encoding. */
final class ConfigText {

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    /** Adds a line. */
    ConfigText line(String text) {
        return line(CString.of(text));
    }

    /** Adds a line of these bytes. */
    ConfigText line(CString text) {
        bytes.writeBytes(text.bytes());
        bytes.write('\n');
        return this;
    }

    /** Adds the line {@code name=value}. */
    ConfigText setting(String name, CString value) {
        return line(CString.of(name + "=").plus(value));
    }

    /** Adds the line {@code name=value}. */
    ConfigText setting(String name, String value) {
        return line(name + "=" + value);
    }

    CString text() {
        return CString.ofBytes(bytes.toByteArray());
    }
}
