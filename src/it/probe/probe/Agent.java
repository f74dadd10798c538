package probe;

/** A Java agent that leaves its options in a system property. */
public final class Agent {

    private Agent() {
    }

    /** Is called before {@code main}. */
    public static void premain(String options) {
        System.setProperty("probe.agent", options);
    }
}
