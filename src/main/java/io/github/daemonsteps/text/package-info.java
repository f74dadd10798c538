/** Text for people and for programs: what every room writes alike. */
package io.github.daemonsteps.text;
