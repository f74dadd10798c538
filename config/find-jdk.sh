# Finds a JDK for the script daemon-steps and for .ci/run, which read this file, and makes Maven quiet for both.
# Variables begin with ds_, as in daemon-steps.

ds_jvms=/usr/lib/jvm

# Returns success if the directory $1 has a Java of version 25 or later with the program $2. The file "release" has the version,
# so no JVM is started.
ds_is_new_enough() {
    [ -x "$1/bin/$2" ] && [ -r "$1/release" ] || return 1
    while read -r ds_line; do
        case $ds_line in
        JAVA_VERSION=*)
            ds_version=${ds_line#JAVA_VERSION=}
            ds_version=${ds_version#\"}
            ds_version=${ds_version%\"}
            ds_major=${ds_version%%[!0-9]*}
            [ "${ds_major:-0}" -ge 25 ]
            return
            ;;
        esac
    done <"$1/release"
    return 1
}

# Sets ds_jdk to the first directory that has the program $1, java or javac, in version 25 or later. The order is JAVA_HOME, the
# PATH, ds_jvms.
ds_find_jdk() {
    ds_jdk=${JAVA_HOME:-}
    if [ -n "$ds_jdk" ] && ds_is_new_enough "$ds_jdk" "$1"; then return; fi
    ds_rest=${PATH:-}:
    while [ -n "$ds_rest" ]; do
        ds_jdk=${ds_rest%%:*}/$1
        ds_rest=${ds_rest#*:}
        [ -x "$ds_jdk" ] || continue
        ds_jdk=$(readlink -f -- "$ds_jdk")
        ds_jdk=${ds_jdk%/bin/"$1"}
        if ds_is_new_enough "$ds_jdk" "$1"; then return; fi
    done
    for ds_jdk in "$ds_jvms"/*; do
        if ds_is_new_enough "$ds_jdk" "$1"; then return; fi
    done
    return 1
}

# Prints the options for MAVEN_OPTS that keep Maven, on a Java of version $1, silent on success. Maven would print escape
# sequences, even to a file, and from Java 24 on warnings about its own classes. An older Java does not know all of the options.
ds_maven_options() {
    echo "-Djansi.noreset=true"
    ds_major=${1%%[!0-9]*}
    if [ "${ds_major:-0}" -ge 24 ]; then
        echo "--sun-misc-unsafe-memory-access=allow --enable-native-access=ALL-UNNAMED"
    fi
}
