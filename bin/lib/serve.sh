# Sourced by bin/demo and bin/dev: the database, the processes and their end.

CHILDREN=()

embedded_is_running() {
  if [ -n "${DATABASE_URL:-}" ]; then echo yes; return; fi
  "$PY" - <<'PYTHON'
from pathlib import Path
from kernel import embedded_postgres
print("yes" if embedded_postgres.is_running(Path("var/postgres")) else "no")
PYTHON
}

stop_embedded() {
  "$PY" -c 'from pathlib import Path; from kernel import embedded_postgres as e; e.stop(Path("var/postgres"))' || true
}

prepare_database() { "$PY" manage.py migrate --verbosity 0; }

# The wished port, or another one where it is taken (a second copy of Fanfare beside this one). SO_REUSEADDR, as the
# servers set it: connections of a server that has just ended don't count.
free_port() {
  "$PY" - "$1" <<'PYTHON'
import socket, sys
for port in (int(sys.argv[1]), 0):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
            print(probe.getsockname()[1])
            break
        except OSError:
            continue
PYTHON
}

start() { "$@" & CHILDREN+=("$!"); }

stop_all() {
  trap '' INT TERM
  [ "${#CHILDREN[@]}" -eq 0 ] || { kill -TERM "${CHILDREN[@]}" 2>/dev/null; wait "${CHILDREN[@]}" 2>/dev/null; } || true
}

# Until one of them ends, or Ctrl-C.
wait_for_children() { wait -n "${CHILDREN[@]}" || true; }
