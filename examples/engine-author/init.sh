#!/bin/sh
# The first program of each container: stays until it is told to go.
trap 'exit 0' TERM
sleep 1000000 &
wait $!
