# Say where EnergyPlus is; what was said before comes back when the environment is left.
if set -q ENERGYPLUS_DIR
    set -gx _ENERGYPLUS_DIR_BEFORE $ENERGYPLUS_DIR
end
set -gx ENERGYPLUS_DIR "$CONDA_PREFIX/lib/energyplus"
