package io.github.daemonsteps.testkit;

/**
 * The result of a command that has exited.
 *
 * @param status the exit status
 * @param out the standard output
 * @param err the standard error
 */
public record CommandResult(int status, String out, String err) {}
