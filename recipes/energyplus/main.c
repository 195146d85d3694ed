/* The command line of an engine that comes as a library only.

   EnergyPlus does the rest itself: it reads the arguments, prints, and says how it ended.
   The version is asked for here, because 23.1 prints an empty line when called this way. */

#include <stdio.h>
#include <string.h>

typedef void *State;

State stateNew(void);
int energyplus(State state, int count, const char *arguments[]);
void stateDelete(State state);
const char *energyPlusVersion(void);

int main(int count, const char *arguments[])
{
    if (count == 2 && (!strcmp(arguments[1], "--version") || !strcmp(arguments[1], "-v"))) {
        puts(energyPlusVersion());
        return 0;
    }
    State state = stateNew();
    int ended = energyplus(state, count, arguments);
    stateDelete(state);
    return ended;
}
