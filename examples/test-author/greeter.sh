#!/bin/sh
# The program under test: it greets, waits for SIGTERM, takes its leave.
trap 'echo "Good-bye, $NAME."; exit 3' TERM
echo "Hello, $NAME."
sleep 1000 &
wait $!
