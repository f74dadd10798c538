/**
 * Files that a daemon trusts: the checks of a path and of its owners, the logs, and the facts of a file
 * system.
 */
package io.github.daemonsteps.daemon.files;
