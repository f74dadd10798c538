/** The pid file: its lock, its content, its record, and its removal. See flock(2) and proc_locks(5). */
package io.github.daemonsteps.daemon.pidfile;
