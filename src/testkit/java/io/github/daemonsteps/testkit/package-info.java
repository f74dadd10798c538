/**
 * Tests of daemons, step by step: assertions on processes and results, faults, terminals, and an extension
 * that ends what a test has started.
 */
@NullMarked
package io.github.daemonsteps.testkit;

import org.jspecify.annotations.NullMarked;
