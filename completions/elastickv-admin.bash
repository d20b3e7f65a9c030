_elastickv_admin() {
    local IFS=$'\n'
    COMPREPLY=($(ELASTICKV_ADMIN_COMPLETE=bash "elastickv-admin" -- "$COMP_CWORD" "${COMP_WORDS[@]}" 2>/dev/null))
    if [[ ${COMPREPLY-} == *[=/:] ]]; then
        compopt -o nospace 2>/dev/null
    fi
}
complete -o nosort -F _elastickv_admin elastickv-admin 2>/dev/null || complete -F _elastickv_admin elastickv-admin
