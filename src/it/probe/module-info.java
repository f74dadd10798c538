/** A daemon that writes down what it sees. */
module probe {
    requires io.github.daemonsteps;
}
