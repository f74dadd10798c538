package io.github.daemonsteps.text;

/**
 * A parser for whole numbers in ASCII digits, after a minus sign if they are negative. The methods of
 * {@link Integer} and {@link Long} also accept a plus sign and the digits of every other script.
 */
public final class AsciiNumber {

    private AsciiNumber() {
    }

    /**
     * Parses a decimal number.
     *
     * @throws NumberFormatException if the text is anything else, or the number is too large
     */
    public static int parseInt(String text) {
        return parseInt(text, 10);
    }

    /**
     * Parses a number of digits and ASCII letters.
     *
     * @param text the number
     * @param radix the base of the number
     * @throws NumberFormatException if the text is anything else, or the number is too large
     */
    public static int parseInt(String text, int radix) {
        return Integer.parseInt(checked(text), radix);
    }

    /**
     * Parses a decimal number.
     *
     * @throws NumberFormatException if the text is anything else, or the number is too large
     */
    public static long parseLong(String text) {
        return Long.parseLong(checked(text));
    }

    /**
     * Parses an address in hexadecimal digits, without a prefix. The result is unsigned.
     *
     * @throws NumberFormatException if the text is anything else, or the number is too large
     */
    public static long parseAddress(String text) {
        return Long.parseUnsignedLong(checked(text), 16);
    }

    private static String checked(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '+' || c > '~') {
                throw new NumberFormatException("not a number in ASCII digits: '" + text + "'");
            }
        }
        return text;
    }
}
