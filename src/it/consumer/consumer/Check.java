package consumer;

/** The expectations of the examples. */
final class Check {

    private Check() {
    }

    /** Goes on only if this holds. */
    static void that(boolean holds, String what) {
        if (!holds) {
            throw new IllegalStateException("not so: " + what);
        }
    }
}
