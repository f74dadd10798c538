package io.github.daemonsteps.testkit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.ResourceLock;

/**
 * Tests that start processes. Each test can take a {@link TestDirectory}, a {@link Launcher} and a {@link
 * Pty} as parameters. After the test, all processes that the test has started by these are ended and
 * reaped, and the test fails if it has left something: a process, a lock, a pid file, or a descriptor or a
 * mapping of this JVM.
 *
 * <p>The processes are found by a tag in their environment, and by files of the test directory that they
 * have open. Forks of this JVM are found by the command line of this JVM. No process is found by its name.
 * A process that ends by itself within a second after the test is not left.
 *
 * <p>A test has a time limit of a minute. {@code @Timeout} on the test sets another one. Tests of one JVM
 * that have this annotation do not run in parallel, since each looks at the forks and descriptors of the
 * JVM.
 */
@Documented
@Inherited
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.TYPE, ElementType.METHOD})
@ExtendWith(DaemonsExtension.class)
@Timeout(60)
@ResourceLock("io.github.daemonsteps.testkit")
public @interface Daemons {}
