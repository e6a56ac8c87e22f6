#!/bin/sh
# What npm's link in a bin directory does. exec: who kills this process kills Node.
exec node /usr/lib/node_modules/structops/dist/cli.js "$@"
