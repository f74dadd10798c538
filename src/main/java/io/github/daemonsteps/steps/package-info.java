/**
 * The contract of a step, and the classic seven steps in their order:
 *
 * <ol>
 * <li>{@link io.github.daemonsteps.steps.Fork}
 * <li>{@link io.github.daemonsteps.steps.StartSession}
 * <li>{@link io.github.daemonsteps.steps.ForkAgain}
 * <li>{@link io.github.daemonsteps.steps.ChangeDirectory}
 * <li>{@link io.github.daemonsteps.steps.SetUmask}
 * <li>{@link io.github.daemonsteps.steps.CloseDescriptors}
 * <li>{@link io.github.daemonsteps.steps.ReopenStandardDescriptors}
 * </ol>
 *
 * <p>Each step makes its calls in a forked process and then checks their effect by what the kernel reports.
 * The result is a {@link io.github.daemonsteps.steps.StepReport}.
 */
package io.github.daemonsteps.steps;
