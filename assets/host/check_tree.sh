# take_tree FOLDER NEW: moves FOLDER/node_modules into NEW. Whoever left FOLDER may have put a link in
# its place: it is moved out of their reach first, which takes a link as it is, and then looked at.
take_tree() {
  mv -T "$1" "$2/left" || fail "npm left no folder of packages"
  if [ -L "$2/left" ]; then fail "npm left a link in place of its folder"; fi
  mv -T "$2/left/node_modules" "$2/node_modules" || fail "npm left no folder of packages"
  leave "$2/left"
}

# check_tree FOLDER USER: ends the script unless all that USER left in FOLDER is files, folders, and
# links that stay inside; nothing more than a file's plain rights, nothing that others may write, no
# second name of a file elsewhere. Nobody may be changing it meanwhile.
check_tree() {
  local odd at to dir links
  if [ ! -d "$1" ] || [ -L "$1" ]; then fail "npm left no folder of packages"; fi
  odd=$(find "$1" \( ! -type f ! -type d ! -type l -o -perm /7000 -o ! -type l -perm /022 -o \
    -type f -links +1 -o ! -user "$2" -o ! -group "$2" \) -printf x -quit)
  [ -z "$odd" ] || fail "npm left something that is no plain file, folder or link, or that others may write"
  mapfile -d '' -t links < <(find "$1" -type l -printf '%P\0%l\0')
  wait $! || fail "the links that npm left cannot be listed"
  set -- "${links[@]}"
  while [ $# -gt 0 ]; do
    at=$1 to=$2
    shift 2
    # Only as many steps up as there are folders above the link, all of them first: then no
    # link on the way can lead out.
    dir=/${at%"${at##*/}"}
    while case $to in ../*) true ;; *) false ;; esac do
      to=${to#../}
      [ "$dir" != / ] || fail "npm left a link that leads out of its folder"
      dir=${dir%/} dir=${dir%"${dir##*/}"}
    done
    case /$to/ in //* | */../*) fail "npm left a link that leads out of its folder" ;; esac
  done
}
