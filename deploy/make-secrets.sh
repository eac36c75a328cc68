#!/bin/sh
# Makes the passwords of the two databases, once: a file that is there stays as it is.
# The folder is its owner's alone; the files in it can be read by the users inside the containers.
set -eu
folder=$(dirname "$0")/secrets
mkdir -p "$folder"
chmod 700 "$folder"
for name in record_password temporal_password; do
  file=$folder/$name
  if [ -e "$file" ]; then
    echo "$file is there already."
    continue
  fi
  head -c 32 /dev/urandom | od -An -v -tx1 | tr -d ' \n' > "$file.new"
  chmod 444 "$file.new"
  mv "$file.new" "$file"
  echo "Made $file."
done
