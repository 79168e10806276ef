# Sourced by the scripts: runs script/main.py with a Python of at least 3.11, installing one where
# that is allowed. The rest is written in that Python's standard library.

find_python() {
  local name
  for name in python3 python3.13 python3.12 python3.11 python3.14; do
    if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      command -v "$name"
      return
    fi
  done
  return 1
}

install_python() {
  local become=()
  command -v apt-get >/dev/null || return 1
  if [ "$(id -u)" != 0 ]; then
    sudo -n true 2>/dev/null || return 1
    become=(sudo -n)
  fi
  "${become[@]}" apt-get update -q >&2 &&
    "${become[@]}" env DEBIAN_FRONTEND=noninteractive \
      apt-get install -y -q --no-install-recommends python3 python3-venv >&2
}

run_main() {
  local python
  if ! python=$(find_python); then
    if ! { install_python && python=$(find_python); }; then
      echo "Python 3.11 or newer is missing: ask an administrator for" \
        "\`apt-get install python3 python3-venv\` and run this again." >&2
      exit 1
    fi
  fi
  exec "$python" "$(dirname "${BASH_SOURCE[0]}")/main.py" "$@"
}
