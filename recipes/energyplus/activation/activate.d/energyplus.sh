# Say where EnergyPlus is; what was said before comes back when the environment is left.
if [ -n "${ENERGYPLUS_DIR+set}" ]; then
    export _ENERGYPLUS_DIR_BEFORE="${ENERGYPLUS_DIR}"
fi
export ENERGYPLUS_DIR="${CONDA_PREFIX}/lib/energyplus"
