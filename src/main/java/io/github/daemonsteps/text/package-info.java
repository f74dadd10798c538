/** Text for people and for programs: JSON, numbers, and messages that are safe for a terminal. */
package io.github.daemonsteps.text;
