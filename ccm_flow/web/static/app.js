// Small conveniences; every page also works without them.
"use strict";
