# Sourced by bin/format and bin/check: what is laid out by a tool, and by which.

# All but the gallery: its mails are what a merchant starts from, to the byte.
TEMPLATES=$(git ls-files --cached --others --exclude-standard '*.html' ':!templates_app/gallery')
ASSETS=$(git ls-files --cached --others --exclude-standard 'static/css/*.css' 'static/js/*.js' 'assets/*.js')

djangofmt() { "$VENV/bin/djangofmt" "$@" $TEMPLATES; }
djade() { "$VENV/bin/djade" --target-version 5.2 "$@" $TEMPLATES; }
prettier() { PATH="$(find_node):$PATH" node_modules/.bin/prettier --log-level warn "$@" $ASSETS; }
