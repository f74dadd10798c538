import java.util.Arrays;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;

/** Runs test classes, as a build tool does. Prints the failures and then the number of tests that passed. */
public final class RunTests {

    private RunTests() {
    }

    public static void main(String[] classes) {
        var listener = new SummaryGeneratingListener();
        LauncherFactory.create().execute(LauncherDiscoveryRequestBuilder.request()
                .selectors(Arrays.stream(classes).map(DiscoverySelectors::selectClass).toList()).build(),
                listener);
        listener.getSummary().getFailures()
                .forEach(failure -> failure.getException().printStackTrace(System.out));
        System.out.println("passed: " + listener.getSummary().getTestsSucceededCount());
        System.exit(listener.getSummary().getTotalFailureCount() == 0 ? 0 : 1);
    }
}
