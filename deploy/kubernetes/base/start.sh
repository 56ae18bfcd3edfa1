#!/bin/sh
# What a pod runs. Its volume keeps event logs, accounts, certificates, and what `vbmc add` adds; the settings and the BMCs of
# the Secret are copied there at each start, since the daemon writes to a BMC's folder.
set -eu
umask 077

settings=/etc/vbmcd/settings/virtualbmc.conf
secret=/etc/vbmcd/bmcs
folder="$HOME/.vbmc"
mkdir -p "$folder"

# The number of the pod is its shard.
shard="shard = ${HOSTNAME##*-}/$REPLICAS"
{
  grep -q '^\[default\]' "$settings" || printf '[default]\n%s\n' "$shard"
  sed "s|^\[default\].*|&\n$shard|" "$settings"
} >"$folder/virtualbmc.conf"

# BMCs that have gone from the Secret are deleted; not when all have gone, as with a Secret that is missing.
copied="$HOME/bmcs-of-secret"
names=$(ls "$secret" 2>/dev/null || true)
if [ -n "$names" ]; then
  if [ -f "$copied" ]; then
    while read -r name; do
      [ -e "$secret/$name" ] || rm -rf "${folder:?}/$name"
    done <"$copied"
  fi
  for name in $names; do
    mkdir -p "$folder/$name"
    cp "$secret/$name" "$folder/$name/config"
  done
  printf '%s\n' "$names" >"$copied"
fi

exec vbmcd --foreground
