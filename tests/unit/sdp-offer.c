#include "sdp-common.h"
int main(void){return 0;}
