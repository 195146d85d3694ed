# Say where EnergyPlus is; what was said before comes back when the environment is left.
if ( $?ENERGYPLUS_DIR ) then
    setenv _ENERGYPLUS_DIR_BEFORE "$ENERGYPLUS_DIR"
endif
setenv ENERGYPLUS_DIR "${CONDA_PREFIX}/lib/energyplus"
