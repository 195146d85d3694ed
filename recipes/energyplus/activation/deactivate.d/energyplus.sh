if [ -n "${_ENERGYPLUS_DIR_BEFORE+set}" ]; then
    export ENERGYPLUS_DIR="${_ENERGYPLUS_DIR_BEFORE}"
    unset _ENERGYPLUS_DIR_BEFORE
else
    unset ENERGYPLUS_DIR
fi
