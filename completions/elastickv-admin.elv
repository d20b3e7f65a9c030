
set edit:completion:arg-completer[elastickv-admin] = { |@words|
    var index = (count $words)
    set index = (- $index 1)

    put (env _CLAP_IFS="\n" _CLAP_COMPLETE_INDEX=(to-string $index) ELASTICKV_ADMIN_COMPLETE="elvish" elastickv-admin -- $@words) | to-lines
}
