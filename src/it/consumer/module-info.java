/**
 * Another program that uses the library as a module: only what is exported, and nothing of its
 * tests.
 */
module consumer {
    requires io.github.daemonsteps;
}
