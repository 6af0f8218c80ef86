#!/bin/sh
# Prints the path of a Python that can make the environments: 3.11 or later, with venv and pip's installer.
# Each candidate is run, because a pyenv shim or a broken install answers to its name and still does not work.
# Settings: CHAT_PYTHON names one outright.

works() {
    "$1" -c 'import sys; sys.version_info >= (3, 11) or sys.exit(1); import ensurepip, ssl, venv' >/dev/null 2>&1
}

offer() {
    # The real file behind a shim or a name on the PATH, so that the environment outlives either.
    if works "$1"; then
        "$1" -c 'import sys; print(sys.executable)'
        exit 0
    fi
}

if [ -n "$CHAT_PYTHON" ]; then
    offer "$CHAT_PYTHON"
    echo "CHAT_PYTHON is $CHAT_PYTHON, which is not a working Python 3.11 or later with venv." >&2
    exit 1
fi

for name in python3 python3.11 python3.12 python3.13 python3.14 python; do
    offer "$name"
done
for folder in "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.1[1-9]*; do
    offer "$folder/bin/python3"
done

echo "No working Python 3.11 or later with venv was found: install one (on Debian: apt-get install python3 python3-venv), or name it with CHAT_PYTHON." >&2
exit 1
