package io.github.daemonsteps.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Random command lines, the same for the same seed: some are right, most nearly right, a few absurd. */
final class RandomCommandLines {

    static final List<String> SUBCOMMANDS =
            List.of("start", "stop", "status", "restart", "reload", "run", "nohup", "unit", "logrotate",
                    "plan",
                    "trace", "demo");

    private static final List<String> OPTIONS =
            List.of("--name", "--pid-file", "--log", "--error-log", "--chdir",
                    "--umask", "--keep-fd", "--env", "--ready", "--timeout", "--signal", "--kill-mode",
                    "--exclusive", "--json",
                    "--quiet", "--stop");

    private static final List<String> ODD_WORDS =
            List.of("-", "---", "-x", "--nope", "--NAME", "--names", "--nam",
                    "--=", "--=x", "-=", "x", "", " ", "start ", "START", "\u0455tart", "sta\nrt", "--log\n",
                    "\u2013\u2013log",
                    "\u001b[31m", "--\u001b");

    private static final List<String> VALUES =
            List.of("", " ", "x", "web", "a=b", "=", "=x", "A=", "A=b=c", "--", "--log",
                    "-1", "0", "1", "2", "3", "7", "027", "0777", "1000", "0o7", "8", "99999999999999999999",
                    "2147483648",
                    "4294967299", "+3", "3.0", "\u0663", "\u0660\u0662\u0667", "0x3", "1ms", "500ms", "2s",
                    "1m", "0s", "1h",
                    "-1s", "1.5s", "1 s", "525600m", "525601m", "999999999m", "1000000000ms", "\u0661s",
                    "exec", "EXEC", "fd:3",
                    "fd:2", "fd:-3", "fd:", "fd:3 ", "fd:\u0663", ".", "..", "/", "./x", "a/b", ".x", "-x",
                    "a\nb", "a\u001bb",
                    "a\u0085b", "\u00e9\u4e16\ud83d\ude00", "x\u202ey");

    private final Random random;

    RandomCommandLines(long seed) {
        random = new Random(seed);
    }

    /** Returns true once in so many calls, on average. */
    boolean once(int in) {
        return random.nextInt(in) == 0;
    }

    /** Returns a number from 0. */
    int below(int limit) {
        return random.nextInt(limit);
    }

    private String oneOf(List<String> words) {
        return words.get(below(words.size()));
    }

    private String huge() {
        return oneOf(VALUES).concat("x").repeat(1 + random.nextInt(200));
    }

    private String value() {
        return once(20) ? huge() : oneOf(VALUES);
    }

    private void option(List<String> words) {
        String option = once(25) ? oneOf(List.of("--help", "--version")) : oneOf(OPTIONS);
        switch (random.nextInt(8)) {
            case 0 -> words.add(option);
            case 1, 2, 3 -> words.add(option + "=" + value());
            default -> words.addAll(isFlag(option) ? List.of(option) : List.of(option, value()));
        }
    }

    private static boolean isFlag(String option) {
        return List.of("--exclusive", "--json", "--quiet", "--stop", "--help", "--version").contains(option);
    }

    /** Returns a whole command line. */
    List<String> next() {
        List<String> words = new ArrayList<>();
        boolean early = once(6);
        if (!early && !once(30)) {
            words.add(oneOf(SUBCOMMANDS));
        }
        for (int options = random.nextInt(5); options > 0; options--) {
            option(words);
        }
        if (early) {
            words.add(oneOf(SUBCOMMANDS));
        }
        if (once(8)) {
            words.add(random.nextInt(words.size() + 1), oneOf(ODD_WORDS));
        }
        if (!once(3)) {
            words.add("--");
            for (int more = random.nextInt(4); more > 0; more--) {
                words.add(once(2) ? oneOf(List.of("true", "sleep", "--", "--log", "")) : value());
            }
        }
        return words;
    }
}
