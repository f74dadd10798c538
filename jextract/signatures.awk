# Reads symbols.txt, then the Libc.java that jextract made of it. Prints the rows of the enum Signature: of each
# function its C declaration, as a comment, and its types, from its FunctionDescriptor.

FNR == NR {
    if ($1 == "--include-function") functions[++count] = $2
    next
}

# private static class close {    or    public static class open {
/^    (private|public) static class / { function_name = $4 }

#         * extern int open(const char *__file, int __oflag, ...)
/^ *\* extern .*\(/ {
    sub(/^ *\* /, "")
    match($0, /[A-Za-z0-9_]+\(/)
    declarations[substr($0, RSTART, RLENGTH - 1)] = $0
}

# public static final FunctionDescriptor DESC = FunctionDescriptor.of(    and BASE_DESC if the function is variadic
/ FunctionDescriptor (BASE_)?DESC = FunctionDescriptor\.of/ {
    types = /ofVoid/ ? "VOID" : ""
    variadic = /BASE_DESC/
    inside = 1
}

inside && match($0, /Libc\.C_[A-Z_]+/) {
    type = substr($0, RSTART + 7, RLENGTH - 7)
    if (type !~ /^(INT|LONG|POINTER)$/) {
        print "generate: " function_name ": a value of type " type " does not fill a general register" >"/dev/stderr"
        exit failed = 1
    }
    types = types (types == "" ? "" : ", ") type
    if (variadic && types == type) types = types ", true"
}

inside && /\);/ {
    rows[function_name] = types
    inside = 0
}

END {
    if (failed) exit 1
    for (i = 1; i <= count; i++) {
        name = functions[i]
        if (!(name in rows) || !(name in declarations)) {
            print "generate: no function " name " in the headers" >"/dev/stderr"
            exit 1
        }
        printf "    /** {@code %s} */\n    %s(%s)%s\n", declarations[name], name, rows[name], i < count ? "," : ";"
    }
}
