#!/usr/bin/env bash
# Makes .venv and installs exactly what the lock files name. Run by `make setup`, from the root of the tree.
set -euo pipefail

stop() {
  printf '\n%s\n' "$@" >&2
  exit 1
}

minor() { "$1" -c 'import sys, venv, ensurepip; print(sys.version_info[:2])' 2>/dev/null || true; }

# Of two builds of one Python the system's is taken: a distribution builds with profile-guided optimization, a
# version manager usually without, and then everything takes a tenth longer. PYTHON names another one.
python=${PYTHON:-python3}
system=$(readlink -f /usr/bin/python3 || true)
known=$(minor "$system")
if [ -z "${PYTHON:-}" ] && [ -n "$known" ] && [ "$known" = "$(minor "$python")" ]; then
  python=$system
fi

if ! command -v "$python" >/dev/null; then
  stop "$python is not on the path." "Install Python 3.11 or newer (Debian: apt-get install python3 python3-venv), or name one: make setup PYTHON=/path/to/python3"
fi
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
  stop "$python is $("$python" --version); SER needs Python 3.11 or newer." "Name a newer one: make setup PYTHON=python3.12"
fi
if ! "$python" -c 'import venv, ensurepip' 2>/dev/null; then
  stop "$python cannot make virtual environments." "Debian and Ubuntu: apt-get install python3-venv, then make setup again."
fi

# A .venv that was moved, or of a Python that is gone, does not run; it is made again.
if ! .venv/bin/python -c 'import pip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
  echo "Making .venv with $("$python" --version), $(command -v "$python")"
  "$python" -m venv --clear .venv || stop "The virtual environment could not be made." "Is the disk full, or the folder not yours?"
fi

# uv, at the version and with the checksums that the lock names.
awk '/^[^ ]/ { ours = /^uv==/ } ours' requirements-dev.lock >.venv/uv.lock
.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r .venv/uv.lock \
  || stop "pip could not fetch uv from the package index." "Check the network, then make setup again."

echo "Installing packages from requirements.lock and requirements-dev.lock"
export VIRTUAL_ENV=$PWD/.venv
if ! .venv/bin/uv pip sync --system-certs --require-hashes requirements.lock requirements-dev.lock 2>&1 | sed '/^ [+~-] /d'; then
  # A machine may have settings for pip only, such as an index of its own.
  echo "uv could not; trying pip, which is slower"
  .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock -r requirements-dev.lock \
    || stop "The packages could not be fetched." "Check the network, then make setup again."
fi
.venv/bin/uv pip install --quiet --no-deps --no-build-isolation --editable .
