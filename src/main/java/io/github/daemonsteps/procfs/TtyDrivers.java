package io.github.daemonsteps.procfs;

import io.github.daemonsteps.text.AsciiNumber;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.StringTokenizer;

/**
 * A map from the device numbers of terminals to their paths. {@code /proc/tty/drivers} lists the drivers, see
 * proc_tty(5).
 */
public final class TtyDrivers {

    private static final Path DRIVERS = Path.of("/proc/tty/drivers");

    private TtyDrivers() {
    }

    /** Returns the path of a terminal; {@code device 136:3} if the terminal has no known driver. */
    public static String path(int device) {
        int major = (device >>> 8) & 0xfff;
        int minor = (device & 0xff) | ((device >>> 12) & 0xfff00);
        try {
            return path(Files.readAllLines(DRIVERS), major, minor);
        } catch (IOException e) {
            return name(major, minor);
        }
    }

    /**
     * Returns the path of a terminal.
     *
     * @param drivers the lines of the table. Each line has a driver, the common path of its devices, their
     *         major number and their minor numbers. The minor numbers are {@code 0-63} or {@code 1}, for
     *         example
     * @param major the major number of the terminal
     * @param minor the minor number of the terminal
     */
    public static String path(List<String> drivers, int major, int minor) {
        for (String line : drivers) {
            var words = new StringTokenizer(line);
            if (words.countTokens() < 4) {
                continue;
            }
            words.nextToken();
            String common = words.nextToken();
            if (!words.nextToken().equals(Integer.toString(major))) {
                continue;
            }
            String minors = words.nextToken();
            int dash = minors.indexOf('-');
            if (dash < 0) {
                if (minors.equals(Integer.toString(minor))) {
                    // a driver of one device, as /dev/ttyS
                    return Files.exists(Path.of(common)) ? common : common + "0";
                }
                continue;
            }
            int first = AsciiNumber.parseInt(minors.substring(0, dash));
            int last = AsciiNumber.parseInt(minors.substring(dash + 1));
            if (first <= minor && minor <= last) {
                boolean directory = Files.isDirectory(Path.of(common)); // a directory, as /dev/pts
                return common + (directory ? "/" : "") + (common.equals("/dev/tty") ? minor : minor - first);
            }
        }
        return name(major, minor);
    }

    private static String name(int major, int minor) {
        return "device " + major + ":" + minor;
    }
}
