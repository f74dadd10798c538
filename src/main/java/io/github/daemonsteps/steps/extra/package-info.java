/** Steps besides the classic seven: another user, no new privileges, no core dumps, no hangup signal. */
package io.github.daemonsteps.steps.extra;
