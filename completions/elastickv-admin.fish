# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_elastickv_admin_global_optspecs
    string join \n endpoint= tls-ca= tls-cert= tls-key= tls-server-name= token-file= timeout= deadline= o/output= color= progress= ascii h/help V/version
end

function __fish_elastickv_admin_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_elastickv_admin_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_elastickv_admin_using_subcommand
    set -l cmd (__fish_elastickv_admin_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c elastickv-admin -n "__fish_elastickv_admin_needs_command" -l endpoint -d 'A node to begin with, any member will do; repeat it or separate with commas. Without it ELASTICKV_ENDPOINT counts, and without that 127.0.0.1:50051' -r -f -a "(__fish_print_hostnames)"
complete -c elastickv-admin -n "__fish_elastickv_admin_needs_command" -l tls-ca -d 'The authorities whose certificates servers must have (PEM); with it, connections are encrypted' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_needs_command" -l tls-cert -d 'This user\'s certificate (PEM), with --tls-key' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_needs_command" -l tls-key -d 'The key of the certificate, in a file for its owner alone' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_needs_command" -l tls-server-name -d 'The name that servers\' certificates are to be for, where it is not the host that is dialled' -r -f -a "(__fish_print_hostnames)"
complete -c elastickv-admin -n "__fish_elastickv_admin_needs_command" -l token-file -d 'A file for its owner alone that holds a token' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_needs_command" -l timeout -d 'Longest time for one call; by default 2s for questions about state, 5s for reads, 10s for writes' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_needs_command" -l deadline -d 'Longest time for the whole command, repetitions included; by default 10s, 5m where work takes long' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_needs_command" -s o -l output -d 'How the result is written' -r -f -a "table\t''
wide\t''
short\t''
json\t''
yaml\t''
ndjson\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_needs_command" -l color -d 'When to use colours; auto means on a terminal, unless NO_COLOR is set or TERM is dumb' -r -f -a "auto\t''
always\t''
never\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_needs_command" -l progress -d 'How to tell on standard error what a long command waits for' -r -f -a "auto\t''
plain\t''
json\t''
off\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_needs_command" -l ascii -d 'Use ASCII letters only'
complete -c elastickv-admin -n "__fish_elastickv_admin_needs_command" -s h -l help -d 'Print help'
complete -c elastickv-admin -n "__fish_elastickv_admin_needs_command" -s V -l version -d 'Print version'
complete -c elastickv-admin -n "__fish_elastickv_admin_needs_command" -f -a "cluster" -d 'Members, leadership, health, snapshots'
complete -c elastickv-admin -n "__fish_elastickv_admin_needs_command" -f -a "kv" -d 'Read and write keys'
complete -c elastickv-admin -n "__fish_elastickv_admin_needs_command" -f -a "encryption" -d 'Keys, envelopes and the ids they depend on'
complete -c elastickv-admin -n "__fish_elastickv_admin_needs_command" -f -a "kms" -d 'Keys that wrap the data keys: make one, try one'
complete -c elastickv-admin -n "__fish_elastickv_admin_needs_command" -f -a "certs" -d 'Certificates and tokens to get in with'
complete -c elastickv-admin -n "__fish_elastickv_admin_needs_command" -f -a "backup" -d 'Copies of a cluster: make, look through, restore'
complete -c elastickv-admin -n "__fish_elastickv_admin_needs_command" -f -a "scan" -d 'Look for what should not be in files'
complete -c elastickv-admin -n "__fish_elastickv_admin_needs_command" -f -a "version" -d 'Print the version of this program, its build and the formats it knows'
complete -c elastickv-admin -n "__fish_elastickv_admin_needs_command" -f -a "explain" -d 'Tell what an error code means and what to do about it; works without a cluster'
complete -c elastickv-admin -n "__fish_elastickv_admin_needs_command" -f -a "completions" -d 'Print a completion script for a shell'
complete -c elastickv-admin -n "__fish_elastickv_admin_needs_command" -f -a "man" -d 'Write the manual pages into a directory'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and not __fish_seen_subcommand_from status members add-learner promote remove transfer-leader snapshot digest drain undrain wait" -l endpoint -d 'A node to begin with, any member will do; repeat it or separate with commas. Without it ELASTICKV_ENDPOINT counts, and without that 127.0.0.1:50051' -r -f -a "(__fish_print_hostnames)"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and not __fish_seen_subcommand_from status members add-learner promote remove transfer-leader snapshot digest drain undrain wait" -l tls-ca -d 'The authorities whose certificates servers must have (PEM); with it, connections are encrypted' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and not __fish_seen_subcommand_from status members add-learner promote remove transfer-leader snapshot digest drain undrain wait" -l tls-cert -d 'This user\'s certificate (PEM), with --tls-key' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and not __fish_seen_subcommand_from status members add-learner promote remove transfer-leader snapshot digest drain undrain wait" -l tls-key -d 'The key of the certificate, in a file for its owner alone' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and not __fish_seen_subcommand_from status members add-learner promote remove transfer-leader snapshot digest drain undrain wait" -l tls-server-name -d 'The name that servers\' certificates are to be for, where it is not the host that is dialled' -r -f -a "(__fish_print_hostnames)"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and not __fish_seen_subcommand_from status members add-learner promote remove transfer-leader snapshot digest drain undrain wait" -l token-file -d 'A file for its owner alone that holds a token' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and not __fish_seen_subcommand_from status members add-learner promote remove transfer-leader snapshot digest drain undrain wait" -l timeout -d 'Longest time for one call; by default 2s for questions about state, 5s for reads, 10s for writes' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and not __fish_seen_subcommand_from status members add-learner promote remove transfer-leader snapshot digest drain undrain wait" -l deadline -d 'Longest time for the whole command, repetitions included; by default 10s, 5m where work takes long' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and not __fish_seen_subcommand_from status members add-learner promote remove transfer-leader snapshot digest drain undrain wait" -s o -l output -d 'How the result is written' -r -f -a "table\t''
wide\t''
short\t''
json\t''
yaml\t''
ndjson\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and not __fish_seen_subcommand_from status members add-learner promote remove transfer-leader snapshot digest drain undrain wait" -l color -d 'When to use colours; auto means on a terminal, unless NO_COLOR is set or TERM is dumb' -r -f -a "auto\t''
always\t''
never\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and not __fish_seen_subcommand_from status members add-learner promote remove transfer-leader snapshot digest drain undrain wait" -l progress -d 'How to tell on standard error what a long command waits for' -r -f -a "auto\t''
plain\t''
json\t''
off\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and not __fish_seen_subcommand_from status members add-learner promote remove transfer-leader snapshot digest drain undrain wait" -l ascii -d 'Use ASCII letters only'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and not __fish_seen_subcommand_from status members add-learner promote remove transfer-leader snapshot digest drain undrain wait" -s h -l help -d 'Print help'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and not __fish_seen_subcommand_from status members add-learner promote remove transfer-leader snapshot digest drain undrain wait" -s V -l version -d 'Print version'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and not __fish_seen_subcommand_from status members add-learner promote remove transfer-leader snapshot digest drain undrain wait" -f -a "status" -d 'Every member at a glance: role, health, progress, disk, build'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and not __fish_seen_subcommand_from status members add-learner promote remove transfer-leader snapshot digest drain undrain wait" -f -a "members" -d 'Who belongs to the cluster, as its leader has it'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and not __fish_seen_subcommand_from status members add-learner promote remove transfer-leader snapshot digest drain undrain wait" -f -a "add-learner" -d 'Add a node that waits to be invited (started with --join), without a vote'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and not __fish_seen_subcommand_from status members add-learner promote remove transfer-leader snapshot digest drain undrain wait" -f -a "promote" -d 'Give a learner a vote'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and not __fish_seen_subcommand_from status members add-learner promote remove transfer-leader snapshot digest drain undrain wait" -f -a "remove" -d 'Take a node out of the cluster for good; its name can never be used again'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and not __fish_seen_subcommand_from status members add-learner promote remove transfer-leader snapshot digest drain undrain wait" -f -a "transfer-leader" -d 'Hand leadership to another voter'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and not __fish_seen_subcommand_from status members add-learner promote remove transfer-leader snapshot digest drain undrain wait" -f -a "snapshot" -d 'Make members write a snapshot now and, if asked, drop the log it covers'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and not __fish_seen_subcommand_from status members add-learner promote remove transfer-leader snapshot digest drain undrain wait" -f -a "digest" -d 'Compare what the replicas hold; exit 9 when two differ'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and not __fish_seen_subcommand_from status members add-learner promote remove transfer-leader snapshot digest drain undrain wait" -f -a "drain" -d 'Take a node out of service, for maintenance: it hands leadership away and reports not ready'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and not __fish_seen_subcommand_from status members add-learner promote remove transfer-leader snapshot digest drain undrain wait" -f -a "undrain" -d 'Put a drained node back into service'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and not __fish_seen_subcommand_from status members add-learner promote remove transfer-leader snapshot digest drain undrain wait" -f -a "wait" -d 'Wait until something holds; exit 8 when the time is over'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from status" -l fail-on -d 'Exit with 4 when there is anything to warn about' -r -f -a "warn\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from status" -l endpoint -d 'A node to begin with, any member will do; repeat it or separate with commas. Without it ELASTICKV_ENDPOINT counts, and without that 127.0.0.1:50051' -r -f -a "(__fish_print_hostnames)"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from status" -l tls-ca -d 'The authorities whose certificates servers must have (PEM); with it, connections are encrypted' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from status" -l tls-cert -d 'This user\'s certificate (PEM), with --tls-key' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from status" -l tls-key -d 'The key of the certificate, in a file for its owner alone' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from status" -l tls-server-name -d 'The name that servers\' certificates are to be for, where it is not the host that is dialled' -r -f -a "(__fish_print_hostnames)"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from status" -l token-file -d 'A file for its owner alone that holds a token' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from status" -l timeout -d 'Longest time for one call; by default 2s for questions about state, 5s for reads, 10s for writes' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from status" -l deadline -d 'Longest time for the whole command, repetitions included; by default 10s, 5m where work takes long' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from status" -s o -l output -d 'How the result is written' -r -f -a "table\t''
wide\t''
short\t''
json\t''
yaml\t''
ndjson\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from status" -l color -d 'When to use colours; auto means on a terminal, unless NO_COLOR is set or TERM is dumb' -r -f -a "auto\t''
always\t''
never\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from status" -l progress -d 'How to tell on standard error what a long command waits for' -r -f -a "auto\t''
plain\t''
json\t''
off\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from status" -l ascii -d 'Use ASCII letters only'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from status" -s h -l help -d 'Print help'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from status" -s V -l version -d 'Print version'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from members" -l endpoint -d 'A node to begin with, any member will do; repeat it or separate with commas. Without it ELASTICKV_ENDPOINT counts, and without that 127.0.0.1:50051' -r -f -a "(__fish_print_hostnames)"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from members" -l tls-ca -d 'The authorities whose certificates servers must have (PEM); with it, connections are encrypted' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from members" -l tls-cert -d 'This user\'s certificate (PEM), with --tls-key' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from members" -l tls-key -d 'The key of the certificate, in a file for its owner alone' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from members" -l tls-server-name -d 'The name that servers\' certificates are to be for, where it is not the host that is dialled' -r -f -a "(__fish_print_hostnames)"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from members" -l token-file -d 'A file for its owner alone that holds a token' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from members" -l timeout -d 'Longest time for one call; by default 2s for questions about state, 5s for reads, 10s for writes' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from members" -l deadline -d 'Longest time for the whole command, repetitions included; by default 10s, 5m where work takes long' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from members" -s o -l output -d 'How the result is written' -r -f -a "table\t''
wide\t''
short\t''
json\t''
yaml\t''
ndjson\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from members" -l color -d 'When to use colours; auto means on a terminal, unless NO_COLOR is set or TERM is dumb' -r -f -a "auto\t''
always\t''
never\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from members" -l progress -d 'How to tell on standard error what a long command waits for' -r -f -a "auto\t''
plain\t''
json\t''
off\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from members" -l ascii -d 'Use ASCII letters only'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from members" -s h -l help -d 'Print help'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from members" -s V -l version -d 'Print version'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from add-learner" -l previous-index -d 'Refuse unless the membership has this index; by default the one this command has just read' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from add-learner" -l op-id -d 'Names this operation; give the id that was printed when repeating one whose outcome is unknown' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from add-learner" -l expect-cluster -d 'Refuse unless the cluster has this name' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from add-learner" -l endpoint -d 'A node to begin with, any member will do; repeat it or separate with commas. Without it ELASTICKV_ENDPOINT counts, and without that 127.0.0.1:50051' -r -f -a "(__fish_print_hostnames)"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from add-learner" -l tls-ca -d 'The authorities whose certificates servers must have (PEM); with it, connections are encrypted' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from add-learner" -l tls-cert -d 'This user\'s certificate (PEM), with --tls-key' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from add-learner" -l tls-key -d 'The key of the certificate, in a file for its owner alone' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from add-learner" -l tls-server-name -d 'The name that servers\' certificates are to be for, where it is not the host that is dialled' -r -f -a "(__fish_print_hostnames)"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from add-learner" -l token-file -d 'A file for its owner alone that holds a token' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from add-learner" -l timeout -d 'Longest time for one call; by default 2s for questions about state, 5s for reads, 10s for writes' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from add-learner" -l deadline -d 'Longest time for the whole command, repetitions included; by default 10s, 5m where work takes long' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from add-learner" -s o -l output -d 'How the result is written' -r -f -a "table\t''
wide\t''
short\t''
json\t''
yaml\t''
ndjson\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from add-learner" -l color -d 'When to use colours; auto means on a terminal, unless NO_COLOR is set or TERM is dumb' -r -f -a "auto\t''
always\t''
never\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from add-learner" -l progress -d 'How to tell on standard error what a long command waits for' -r -f -a "auto\t''
plain\t''
json\t''
off\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from add-learner" -l detailed-exit-code -d 'Exit with 10 when nothing needed doing'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from add-learner" -l ascii -d 'Use ASCII letters only'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from add-learner" -s h -l help -d 'Print help'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from add-learner" -s V -l version -d 'Print version'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from promote" -l min-applied-index -d 'Refuse unless it has applied this entry' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from promote" -l previous-index -d 'Refuse unless the membership has this index; by default the one this command has just read' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from promote" -l op-id -d 'Names this operation; give the id that was printed when repeating one whose outcome is unknown' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from promote" -l expect-cluster -d 'Refuse unless the cluster has this name' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from promote" -l endpoint -d 'A node to begin with, any member will do; repeat it or separate with commas. Without it ELASTICKV_ENDPOINT counts, and without that 127.0.0.1:50051' -r -f -a "(__fish_print_hostnames)"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from promote" -l tls-ca -d 'The authorities whose certificates servers must have (PEM); with it, connections are encrypted' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from promote" -l tls-cert -d 'This user\'s certificate (PEM), with --tls-key' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from promote" -l tls-key -d 'The key of the certificate, in a file for its owner alone' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from promote" -l tls-server-name -d 'The name that servers\' certificates are to be for, where it is not the host that is dialled' -r -f -a "(__fish_print_hostnames)"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from promote" -l token-file -d 'A file for its owner alone that holds a token' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from promote" -l timeout -d 'Longest time for one call; by default 2s for questions about state, 5s for reads, 10s for writes' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from promote" -l deadline -d 'Longest time for the whole command, repetitions included; by default 10s, 5m where work takes long' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from promote" -s o -l output -d 'How the result is written' -r -f -a "table\t''
wide\t''
short\t''
json\t''
yaml\t''
ndjson\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from promote" -l color -d 'When to use colours; auto means on a terminal, unless NO_COLOR is set or TERM is dumb' -r -f -a "auto\t''
always\t''
never\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from promote" -l progress -d 'How to tell on standard error what a long command waits for' -r -f -a "auto\t''
plain\t''
json\t''
off\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from promote" -l even-if-lagging -d 'Promote it however far behind it is'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from promote" -l detailed-exit-code -d 'Exit with 10 when nothing needed doing'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from promote" -l ascii -d 'Use ASCII letters only'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from promote" -s h -l help -d 'Print help'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from promote" -s V -l version -d 'Print version'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from remove" -l previous-index -d 'Refuse unless the membership has this index; by default the one this command has just read' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from remove" -l op-id -d 'Names this operation; give the id that was printed when repeating one whose outcome is unknown' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from remove" -l expect-cluster -d 'Refuse unless the cluster has this name' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from remove" -l endpoint -d 'A node to begin with, any member will do; repeat it or separate with commas. Without it ELASTICKV_ENDPOINT counts, and without that 127.0.0.1:50051' -r -f -a "(__fish_print_hostnames)"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from remove" -l tls-ca -d 'The authorities whose certificates servers must have (PEM); with it, connections are encrypted' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from remove" -l tls-cert -d 'This user\'s certificate (PEM), with --tls-key' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from remove" -l tls-key -d 'The key of the certificate, in a file for its owner alone' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from remove" -l tls-server-name -d 'The name that servers\' certificates are to be for, where it is not the host that is dialled' -r -f -a "(__fish_print_hostnames)"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from remove" -l token-file -d 'A file for its owner alone that holds a token' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from remove" -l timeout -d 'Longest time for one call; by default 2s for questions about state, 5s for reads, 10s for writes' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from remove" -l deadline -d 'Longest time for the whole command, repetitions included; by default 10s, 5m where work takes long' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from remove" -s o -l output -d 'How the result is written' -r -f -a "table\t''
wide\t''
short\t''
json\t''
yaml\t''
ndjson\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from remove" -l color -d 'When to use colours; auto means on a terminal, unless NO_COLOR is set or TERM is dumb' -r -f -a "auto\t''
always\t''
never\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from remove" -l progress -d 'How to tell on standard error what a long command waits for' -r -f -a "auto\t''
plain\t''
json\t''
off\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from remove" -l yes -d 'Do not ask; needs --expect-cluster'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from remove" -l detailed-exit-code -d 'Exit with 10 when nothing needed doing'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from remove" -l ascii -d 'Use ASCII letters only'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from remove" -s h -l help -d 'Print help'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from remove" -s V -l version -d 'Print version'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from transfer-leader" -l max-lag -d 'Refuse when the successor is more entries behind than this' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from transfer-leader" -l op-id -d 'Names this operation; give the id that was printed when repeating one whose outcome is unknown' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from transfer-leader" -l expect-cluster -d 'Refuse unless the cluster has this name' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from transfer-leader" -l endpoint -d 'A node to begin with, any member will do; repeat it or separate with commas. Without it ELASTICKV_ENDPOINT counts, and without that 127.0.0.1:50051' -r -f -a "(__fish_print_hostnames)"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from transfer-leader" -l tls-ca -d 'The authorities whose certificates servers must have (PEM); with it, connections are encrypted' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from transfer-leader" -l tls-cert -d 'This user\'s certificate (PEM), with --tls-key' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from transfer-leader" -l tls-key -d 'The key of the certificate, in a file for its owner alone' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from transfer-leader" -l tls-server-name -d 'The name that servers\' certificates are to be for, where it is not the host that is dialled' -r -f -a "(__fish_print_hostnames)"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from transfer-leader" -l token-file -d 'A file for its owner alone that holds a token' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from transfer-leader" -l timeout -d 'Longest time for one call; by default 2s for questions about state, 5s for reads, 10s for writes' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from transfer-leader" -l deadline -d 'Longest time for the whole command, repetitions included; by default 10s, 5m where work takes long' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from transfer-leader" -s o -l output -d 'How the result is written' -r -f -a "table\t''
wide\t''
short\t''
json\t''
yaml\t''
ndjson\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from transfer-leader" -l color -d 'When to use colours; auto means on a terminal, unless NO_COLOR is set or TERM is dumb' -r -f -a "auto\t''
always\t''
never\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from transfer-leader" -l progress -d 'How to tell on standard error what a long command waits for' -r -f -a "auto\t''
plain\t''
json\t''
off\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from transfer-leader" -l detailed-exit-code -d 'Exit with 10 when nothing needed doing'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from transfer-leader" -l ascii -d 'Use ASCII letters only'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from transfer-leader" -s h -l help -d 'Print help'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from transfer-leader" -s V -l version -d 'Print version'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from snapshot" -l member -d 'On this member, by name or address; may be repeated' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from snapshot" -l group -d 'The group; 1 is the control group' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from snapshot" -l endpoint -d 'A node to begin with, any member will do; repeat it or separate with commas. Without it ELASTICKV_ENDPOINT counts, and without that 127.0.0.1:50051' -r -f -a "(__fish_print_hostnames)"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from snapshot" -l tls-ca -d 'The authorities whose certificates servers must have (PEM); with it, connections are encrypted' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from snapshot" -l tls-cert -d 'This user\'s certificate (PEM), with --tls-key' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from snapshot" -l tls-key -d 'The key of the certificate, in a file for its owner alone' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from snapshot" -l tls-server-name -d 'The name that servers\' certificates are to be for, where it is not the host that is dialled' -r -f -a "(__fish_print_hostnames)"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from snapshot" -l token-file -d 'A file for its owner alone that holds a token' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from snapshot" -l timeout -d 'Longest time for one call; by default 2s for questions about state, 5s for reads, 10s for writes' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from snapshot" -l deadline -d 'Longest time for the whole command, repetitions included; by default 10s, 5m where work takes long' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from snapshot" -s o -l output -d 'How the result is written' -r -f -a "table\t''
wide\t''
short\t''
json\t''
yaml\t''
ndjson\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from snapshot" -l color -d 'When to use colours; auto means on a terminal, unless NO_COLOR is set or TERM is dumb' -r -f -a "auto\t''
always\t''
never\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from snapshot" -l progress -d 'How to tell on standard error what a long command waits for' -r -f -a "auto\t''
plain\t''
json\t''
off\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from snapshot" -l purge -d 'Drop the part of the log that the snapshot covers'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from snapshot" -l all -d 'On every member'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from snapshot" -l ascii -d 'Use ASCII letters only'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from snapshot" -s h -l help -d 'Print help'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from snapshot" -s V -l version -d 'Print version'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from digest" -l group -d 'The group; 1 is the control group' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from digest" -l endpoint -d 'A node to begin with, any member will do; repeat it or separate with commas. Without it ELASTICKV_ENDPOINT counts, and without that 127.0.0.1:50051' -r -f -a "(__fish_print_hostnames)"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from digest" -l tls-ca -d 'The authorities whose certificates servers must have (PEM); with it, connections are encrypted' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from digest" -l tls-cert -d 'This user\'s certificate (PEM), with --tls-key' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from digest" -l tls-key -d 'The key of the certificate, in a file for its owner alone' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from digest" -l tls-server-name -d 'The name that servers\' certificates are to be for, where it is not the host that is dialled' -r -f -a "(__fish_print_hostnames)"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from digest" -l token-file -d 'A file for its owner alone that holds a token' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from digest" -l timeout -d 'Longest time for one call; by default 2s for questions about state, 5s for reads, 10s for writes' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from digest" -l deadline -d 'Longest time for the whole command, repetitions included; by default 10s, 5m where work takes long' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from digest" -s o -l output -d 'How the result is written' -r -f -a "table\t''
wide\t''
short\t''
json\t''
yaml\t''
ndjson\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from digest" -l color -d 'When to use colours; auto means on a terminal, unless NO_COLOR is set or TERM is dumb' -r -f -a "auto\t''
always\t''
never\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from digest" -l progress -d 'How to tell on standard error what a long command waits for' -r -f -a "auto\t''
plain\t''
json\t''
off\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from digest" -l ascii -d 'Use ASCII letters only'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from digest" -s h -l help -d 'Print help'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from digest" -s V -l version -d 'Print version'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from drain" -l op-id -d 'Names this operation; give the id that was printed when repeating one whose outcome is unknown' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from drain" -l expect-cluster -d 'Refuse unless the cluster has this name' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from drain" -l endpoint -d 'A node to begin with, any member will do; repeat it or separate with commas. Without it ELASTICKV_ENDPOINT counts, and without that 127.0.0.1:50051' -r -f -a "(__fish_print_hostnames)"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from drain" -l tls-ca -d 'The authorities whose certificates servers must have (PEM); with it, connections are encrypted' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from drain" -l tls-cert -d 'This user\'s certificate (PEM), with --tls-key' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from drain" -l tls-key -d 'The key of the certificate, in a file for its owner alone' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from drain" -l tls-server-name -d 'The name that servers\' certificates are to be for, where it is not the host that is dialled' -r -f -a "(__fish_print_hostnames)"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from drain" -l token-file -d 'A file for its owner alone that holds a token' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from drain" -l timeout -d 'Longest time for one call; by default 2s for questions about state, 5s for reads, 10s for writes' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from drain" -l deadline -d 'Longest time for the whole command, repetitions included; by default 10s, 5m where work takes long' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from drain" -s o -l output -d 'How the result is written' -r -f -a "table\t''
wide\t''
short\t''
json\t''
yaml\t''
ndjson\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from drain" -l color -d 'When to use colours; auto means on a terminal, unless NO_COLOR is set or TERM is dumb' -r -f -a "auto\t''
always\t''
never\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from drain" -l progress -d 'How to tell on standard error what a long command waits for' -r -f -a "auto\t''
plain\t''
json\t''
off\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from drain" -l detailed-exit-code -d 'Exit with 10 when nothing needed doing'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from drain" -l ascii -d 'Use ASCII letters only'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from drain" -s h -l help -d 'Print help'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from drain" -s V -l version -d 'Print version'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from undrain" -l op-id -d 'Names this operation; give the id that was printed when repeating one whose outcome is unknown' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from undrain" -l expect-cluster -d 'Refuse unless the cluster has this name' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from undrain" -l endpoint -d 'A node to begin with, any member will do; repeat it or separate with commas. Without it ELASTICKV_ENDPOINT counts, and without that 127.0.0.1:50051' -r -f -a "(__fish_print_hostnames)"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from undrain" -l tls-ca -d 'The authorities whose certificates servers must have (PEM); with it, connections are encrypted' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from undrain" -l tls-cert -d 'This user\'s certificate (PEM), with --tls-key' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from undrain" -l tls-key -d 'The key of the certificate, in a file for its owner alone' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from undrain" -l tls-server-name -d 'The name that servers\' certificates are to be for, where it is not the host that is dialled' -r -f -a "(__fish_print_hostnames)"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from undrain" -l token-file -d 'A file for its owner alone that holds a token' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from undrain" -l timeout -d 'Longest time for one call; by default 2s for questions about state, 5s for reads, 10s for writes' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from undrain" -l deadline -d 'Longest time for the whole command, repetitions included; by default 10s, 5m where work takes long' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from undrain" -s o -l output -d 'How the result is written' -r -f -a "table\t''
wide\t''
short\t''
json\t''
yaml\t''
ndjson\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from undrain" -l color -d 'When to use colours; auto means on a terminal, unless NO_COLOR is set or TERM is dumb' -r -f -a "auto\t''
always\t''
never\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from undrain" -l progress -d 'How to tell on standard error what a long command waits for' -r -f -a "auto\t''
plain\t''
json\t''
off\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from undrain" -l detailed-exit-code -d 'Exit with 10 when nothing needed doing'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from undrain" -l ascii -d 'Use ASCII letters only'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from undrain" -s h -l help -d 'Print help'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from undrain" -s V -l version -d 'Print version'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from wait" -l for -d 'What to wait for; may be repeated, then all of it' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from wait" -l max-lag -d 'How many entries behind still counts as caught up' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from wait" -l endpoint -d 'A node to begin with, any member will do; repeat it or separate with commas. Without it ELASTICKV_ENDPOINT counts, and without that 127.0.0.1:50051' -r -f -a "(__fish_print_hostnames)"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from wait" -l tls-ca -d 'The authorities whose certificates servers must have (PEM); with it, connections are encrypted' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from wait" -l tls-cert -d 'This user\'s certificate (PEM), with --tls-key' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from wait" -l tls-key -d 'The key of the certificate, in a file for its owner alone' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from wait" -l tls-server-name -d 'The name that servers\' certificates are to be for, where it is not the host that is dialled' -r -f -a "(__fish_print_hostnames)"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from wait" -l token-file -d 'A file for its owner alone that holds a token' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from wait" -l timeout -d 'Longest time for one call; by default 2s for questions about state, 5s for reads, 10s for writes' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from wait" -l deadline -d 'Longest time for the whole command, repetitions included; by default 10s, 5m where work takes long' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from wait" -s o -l output -d 'How the result is written' -r -f -a "table\t''
wide\t''
short\t''
json\t''
yaml\t''
ndjson\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from wait" -l color -d 'When to use colours; auto means on a terminal, unless NO_COLOR is set or TERM is dumb' -r -f -a "auto\t''
always\t''
never\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from wait" -l progress -d 'How to tell on standard error what a long command waits for' -r -f -a "auto\t''
plain\t''
json\t''
off\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from wait" -l ascii -d 'Use ASCII letters only'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from wait" -s h -l help -d 'Print help'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand cluster; and __fish_seen_subcommand_from wait" -s V -l version -d 'Print version'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and not __fish_seen_subcommand_from get put delete scan history txn export import delete-range" -l endpoint -d 'A node to begin with, any member will do; repeat it or separate with commas. Without it ELASTICKV_ENDPOINT counts, and without that 127.0.0.1:50051' -r -f -a "(__fish_print_hostnames)"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and not __fish_seen_subcommand_from get put delete scan history txn export import delete-range" -l tls-ca -d 'The authorities whose certificates servers must have (PEM); with it, connections are encrypted' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and not __fish_seen_subcommand_from get put delete scan history txn export import delete-range" -l tls-cert -d 'This user\'s certificate (PEM), with --tls-key' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and not __fish_seen_subcommand_from get put delete scan history txn export import delete-range" -l tls-key -d 'The key of the certificate, in a file for its owner alone' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and not __fish_seen_subcommand_from get put delete scan history txn export import delete-range" -l tls-server-name -d 'The name that servers\' certificates are to be for, where it is not the host that is dialled' -r -f -a "(__fish_print_hostnames)"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and not __fish_seen_subcommand_from get put delete scan history txn export import delete-range" -l token-file -d 'A file for its owner alone that holds a token' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and not __fish_seen_subcommand_from get put delete scan history txn export import delete-range" -l timeout -d 'Longest time for one call; by default 2s for questions about state, 5s for reads, 10s for writes' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and not __fish_seen_subcommand_from get put delete scan history txn export import delete-range" -l deadline -d 'Longest time for the whole command, repetitions included; by default 10s, 5m where work takes long' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and not __fish_seen_subcommand_from get put delete scan history txn export import delete-range" -s o -l output -d 'How the result is written' -r -f -a "table\t''
wide\t''
short\t''
json\t''
yaml\t''
ndjson\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and not __fish_seen_subcommand_from get put delete scan history txn export import delete-range" -l color -d 'When to use colours; auto means on a terminal, unless NO_COLOR is set or TERM is dumb' -r -f -a "auto\t''
always\t''
never\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and not __fish_seen_subcommand_from get put delete scan history txn export import delete-range" -l progress -d 'How to tell on standard error what a long command waits for' -r -f -a "auto\t''
plain\t''
json\t''
off\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and not __fish_seen_subcommand_from get put delete scan history txn export import delete-range" -l ascii -d 'Use ASCII letters only'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and not __fish_seen_subcommand_from get put delete scan history txn export import delete-range" -s h -l help -d 'Print help'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and not __fish_seen_subcommand_from get put delete scan history txn export import delete-range" -s V -l version -d 'Print version'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and not __fish_seen_subcommand_from get put delete scan history txn export import delete-range" -f -a "get" -d 'Print the value of a key'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and not __fish_seen_subcommand_from get put delete scan history txn export import delete-range" -f -a "put" -d 'Write a value'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and not __fish_seen_subcommand_from get put delete scan history txn export import delete-range" -f -a "delete" -d 'Delete a key; deleting one that does not exist is no error'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and not __fish_seen_subcommand_from get put delete scan history txn export import delete-range" -f -a "scan" -d 'List keys and values in order'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and not __fish_seen_subcommand_from get put delete scan history txn export import delete-range" -f -a "history" -d 'Show the versions of a key, newest first, as far back as they are kept'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and not __fish_seen_subcommand_from get put delete scan history txn export import delete-range" -f -a "txn" -d 'Do several things as one transaction: all of it takes effect, or nothing'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and not __fish_seen_subcommand_from get put delete scan history txn export import delete-range" -f -a "export" -d 'Write all keys of one moment to a file, to be read by `kv import`'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and not __fish_seen_subcommand_from get put delete scan history txn export import delete-range" -f -a "import" -d 'Write the keys of an exported file'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and not __fish_seen_subcommand_from get put delete scan history txn export import delete-range" -f -a "delete-range" -d 'Delete every key in a range'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from get" -l key-file -d 'Take the key from a file, byte for byte; - is standard input' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from get" -l at -d 'Read as of this moment' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from get" -l keys -d 'How keys are written' -r -f -a "text\t''
escaped\t''
hex\t''
base64\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from get" -l values -d 'How values are written' -r -f -a "text\t''
escaped\t''
hex\t''
base64\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from get" -l endpoint -d 'A node to begin with, any member will do; repeat it or separate with commas. Without it ELASTICKV_ENDPOINT counts, and without that 127.0.0.1:50051' -r -f -a "(__fish_print_hostnames)"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from get" -l tls-ca -d 'The authorities whose certificates servers must have (PEM); with it, connections are encrypted' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from get" -l tls-cert -d 'This user\'s certificate (PEM), with --tls-key' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from get" -l tls-key -d 'The key of the certificate, in a file for its owner alone' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from get" -l tls-server-name -d 'The name that servers\' certificates are to be for, where it is not the host that is dialled' -r -f -a "(__fish_print_hostnames)"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from get" -l token-file -d 'A file for its owner alone that holds a token' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from get" -l timeout -d 'Longest time for one call; by default 2s for questions about state, 5s for reads, 10s for writes' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from get" -l deadline -d 'Longest time for the whole command, repetitions included; by default 10s, 5m where work takes long' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from get" -s o -l output -d 'How the result is written' -r -f -a "table\t''
wide\t''
short\t''
json\t''
yaml\t''
ndjson\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from get" -l color -d 'When to use colours; auto means on a terminal, unless NO_COLOR is set or TERM is dumb' -r -f -a "auto\t''
always\t''
never\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from get" -l progress -d 'How to tell on standard error what a long command waits for' -r -f -a "auto\t''
plain\t''
json\t''
off\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from get" -l raw -d 'Write exactly the value\'s bytes to standard output and nothing else'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from get" -l stale -d 'Take what the asked node has, without making sure it is the newest'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from get" -l ascii -d 'Use ASCII letters only'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from get" -s h -l help -d 'Print help'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from get" -s V -l version -d 'Print version'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from put" -l value-file -d 'Take the value from a file, byte for byte; - is standard input' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from put" -l ttl -d 'The value is gone after this time' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from put" -l if-version -d 'Write only if the key\'s value is the one committed at this timestamp, or if there is none: absent' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from put" -l keys -d 'How keys are written' -r -f -a "text\t''
escaped\t''
hex\t''
base64\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from put" -l values -d 'How values are written' -r -f -a "text\t''
escaped\t''
hex\t''
base64\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from put" -l op-id -d 'Names this operation; give the id that was printed when repeating one whose outcome is unknown' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from put" -l expect-cluster -d 'Refuse unless the cluster has this name' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from put" -l endpoint -d 'A node to begin with, any member will do; repeat it or separate with commas. Without it ELASTICKV_ENDPOINT counts, and without that 127.0.0.1:50051' -r -f -a "(__fish_print_hostnames)"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from put" -l tls-ca -d 'The authorities whose certificates servers must have (PEM); with it, connections are encrypted' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from put" -l tls-cert -d 'This user\'s certificate (PEM), with --tls-key' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from put" -l tls-key -d 'The key of the certificate, in a file for its owner alone' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from put" -l tls-server-name -d 'The name that servers\' certificates are to be for, where it is not the host that is dialled' -r -f -a "(__fish_print_hostnames)"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from put" -l token-file -d 'A file for its owner alone that holds a token' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from put" -l timeout -d 'Longest time for one call; by default 2s for questions about state, 5s for reads, 10s for writes' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from put" -l deadline -d 'Longest time for the whole command, repetitions included; by default 10s, 5m where work takes long' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from put" -s o -l output -d 'How the result is written' -r -f -a "table\t''
wide\t''
short\t''
json\t''
yaml\t''
ndjson\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from put" -l color -d 'When to use colours; auto means on a terminal, unless NO_COLOR is set or TERM is dumb' -r -f -a "auto\t''
always\t''
never\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from put" -l progress -d 'How to tell on standard error what a long command waits for' -r -f -a "auto\t''
plain\t''
json\t''
off\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from put" -l detailed-exit-code -d 'Exit with 10 when nothing needed doing'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from put" -l ascii -d 'Use ASCII letters only'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from put" -s h -l help -d 'Print help'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from put" -s V -l version -d 'Print version'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from delete" -l key-file -d 'Take the key from a file, byte for byte; - is standard input' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from delete" -l keys -d 'How the key is written' -r -f -a "text\t''
escaped\t''
hex\t''
base64\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from delete" -l if-version -d 'Write only if the key\'s value is the one committed at this timestamp, or if there is none: absent' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from delete" -l op-id -d 'Names this operation; give the id that was printed when repeating one whose outcome is unknown' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from delete" -l expect-cluster -d 'Refuse unless the cluster has this name' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from delete" -l endpoint -d 'A node to begin with, any member will do; repeat it or separate with commas. Without it ELASTICKV_ENDPOINT counts, and without that 127.0.0.1:50051' -r -f -a "(__fish_print_hostnames)"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from delete" -l tls-ca -d 'The authorities whose certificates servers must have (PEM); with it, connections are encrypted' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from delete" -l tls-cert -d 'This user\'s certificate (PEM), with --tls-key' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from delete" -l tls-key -d 'The key of the certificate, in a file for its owner alone' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from delete" -l tls-server-name -d 'The name that servers\' certificates are to be for, where it is not the host that is dialled' -r -f -a "(__fish_print_hostnames)"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from delete" -l token-file -d 'A file for its owner alone that holds a token' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from delete" -l timeout -d 'Longest time for one call; by default 2s for questions about state, 5s for reads, 10s for writes' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from delete" -l deadline -d 'Longest time for the whole command, repetitions included; by default 10s, 5m where work takes long' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from delete" -s o -l output -d 'How the result is written' -r -f -a "table\t''
wide\t''
short\t''
json\t''
yaml\t''
ndjson\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from delete" -l color -d 'When to use colours; auto means on a terminal, unless NO_COLOR is set or TERM is dumb' -r -f -a "auto\t''
always\t''
never\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from delete" -l progress -d 'How to tell on standard error what a long command waits for' -r -f -a "auto\t''
plain\t''
json\t''
off\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from delete" -l detailed-exit-code -d 'Exit with 10 when nothing needed doing'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from delete" -l ascii -d 'Use ASCII letters only'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from delete" -s h -l help -d 'Print help'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from delete" -s V -l version -d 'Print version'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from scan" -l prefix -d 'Only keys that begin with this' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from scan" -l start -d 'Only keys from here on' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from scan" -l end -d 'Only keys before this one' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from scan" -l limit -d 'At most this many pairs; 0 means all; without it 1000, and a warning when there are more' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from scan" -l page-size -d 'Pairs fetched by one call' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from scan" -l at -d 'Read as of this moment' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from scan" -l keys -d 'How keys are written' -r -f -a "text\t''
escaped\t''
hex\t''
base64\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from scan" -l values -d 'How values are written' -r -f -a "text\t''
escaped\t''
hex\t''
base64\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from scan" -l endpoint -d 'A node to begin with, any member will do; repeat it or separate with commas. Without it ELASTICKV_ENDPOINT counts, and without that 127.0.0.1:50051' -r -f -a "(__fish_print_hostnames)"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from scan" -l tls-ca -d 'The authorities whose certificates servers must have (PEM); with it, connections are encrypted' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from scan" -l tls-cert -d 'This user\'s certificate (PEM), with --tls-key' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from scan" -l tls-key -d 'The key of the certificate, in a file for its owner alone' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from scan" -l tls-server-name -d 'The name that servers\' certificates are to be for, where it is not the host that is dialled' -r -f -a "(__fish_print_hostnames)"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from scan" -l token-file -d 'A file for its owner alone that holds a token' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from scan" -l timeout -d 'Longest time for one call; by default 2s for questions about state, 5s for reads, 10s for writes' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from scan" -l deadline -d 'Longest time for the whole command, repetitions included; by default 10s, 5m where work takes long' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from scan" -s o -l output -d 'How the result is written' -r -f -a "table\t''
wide\t''
short\t''
json\t''
yaml\t''
ndjson\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from scan" -l color -d 'When to use colours; auto means on a terminal, unless NO_COLOR is set or TERM is dumb' -r -f -a "auto\t''
always\t''
never\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from scan" -l progress -d 'How to tell on standard error what a long command waits for' -r -f -a "auto\t''
plain\t''
json\t''
off\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from scan" -l reverse -d 'From the last key to the first'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from scan" -l keys-only -d 'Without the values'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from scan" -l stale -d 'Take what the asked node has, without making sure it is the newest'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from scan" -l ascii -d 'Use ASCII letters only'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from scan" -s h -l help -d 'Print help'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from scan" -s V -l version -d 'Print version'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from history" -l key-file -d 'Take the key from a file, byte for byte; - is standard input' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from history" -l from -d 'Only versions committed at this moment or before' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from history" -l limit -d 'At most this many versions; 0 means all' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from history" -l keys -d 'How keys are written' -r -f -a "text\t''
escaped\t''
hex\t''
base64\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from history" -l values -d 'How values are written' -r -f -a "text\t''
escaped\t''
hex\t''
base64\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from history" -l endpoint -d 'A node to begin with, any member will do; repeat it or separate with commas. Without it ELASTICKV_ENDPOINT counts, and without that 127.0.0.1:50051' -r -f -a "(__fish_print_hostnames)"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from history" -l tls-ca -d 'The authorities whose certificates servers must have (PEM); with it, connections are encrypted' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from history" -l tls-cert -d 'This user\'s certificate (PEM), with --tls-key' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from history" -l tls-key -d 'The key of the certificate, in a file for its owner alone' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from history" -l tls-server-name -d 'The name that servers\' certificates are to be for, where it is not the host that is dialled' -r -f -a "(__fish_print_hostnames)"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from history" -l token-file -d 'A file for its owner alone that holds a token' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from history" -l timeout -d 'Longest time for one call; by default 2s for questions about state, 5s for reads, 10s for writes' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from history" -l deadline -d 'Longest time for the whole command, repetitions included; by default 10s, 5m where work takes long' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from history" -s o -l output -d 'How the result is written' -r -f -a "table\t''
wide\t''
short\t''
json\t''
yaml\t''
ndjson\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from history" -l color -d 'When to use colours; auto means on a terminal, unless NO_COLOR is set or TERM is dumb' -r -f -a "auto\t''
always\t''
never\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from history" -l progress -d 'How to tell on standard error what a long command waits for' -r -f -a "auto\t''
plain\t''
json\t''
off\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from history" -l ascii -d 'Use ASCII letters only'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from history" -s h -l help -d 'Print help'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from history" -s V -l version -d 'Print version'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from txn" -l retries -d 'How often it is done again when others have changed what it read' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from txn" -l keys -d 'How keys are written' -r -f -a "text\t''
escaped\t''
hex\t''
base64\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from txn" -l values -d 'How values are written' -r -f -a "text\t''
escaped\t''
hex\t''
base64\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from txn" -l op-id -d 'Names this operation; give the id that was printed when repeating one whose outcome is unknown' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from txn" -l expect-cluster -d 'Refuse unless the cluster has this name' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from txn" -l endpoint -d 'A node to begin with, any member will do; repeat it or separate with commas. Without it ELASTICKV_ENDPOINT counts, and without that 127.0.0.1:50051' -r -f -a "(__fish_print_hostnames)"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from txn" -l tls-ca -d 'The authorities whose certificates servers must have (PEM); with it, connections are encrypted' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from txn" -l tls-cert -d 'This user\'s certificate (PEM), with --tls-key' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from txn" -l tls-key -d 'The key of the certificate, in a file for its owner alone' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from txn" -l tls-server-name -d 'The name that servers\' certificates are to be for, where it is not the host that is dialled' -r -f -a "(__fish_print_hostnames)"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from txn" -l token-file -d 'A file for its owner alone that holds a token' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from txn" -l timeout -d 'Longest time for one call; by default 2s for questions about state, 5s for reads, 10s for writes' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from txn" -l deadline -d 'Longest time for the whole command, repetitions included; by default 10s, 5m where work takes long' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from txn" -s o -l output -d 'How the result is written' -r -f -a "table\t''
wide\t''
short\t''
json\t''
yaml\t''
ndjson\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from txn" -l color -d 'When to use colours; auto means on a terminal, unless NO_COLOR is set or TERM is dumb' -r -f -a "auto\t''
always\t''
never\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from txn" -l progress -d 'How to tell on standard error what a long command waits for' -r -f -a "auto\t''
plain\t''
json\t''
off\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from txn" -l detailed-exit-code -d 'Exit with 10 when nothing needed doing'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from txn" -l ascii -d 'Use ASCII letters only'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from txn" -s h -l help -d 'Print help'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from txn" -s V -l version -d 'Print version'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from export" -l prefix -d 'Only keys that begin with this' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from export" -l start -d 'Only keys from here on' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from export" -l end -d 'Only keys before this one' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from export" -l keys -d 'How the range is written' -r -f -a "text\t''
escaped\t''
hex\t''
base64\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from export" -s f -l file -d 'Where to; without it, standard output' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from export" -l at -d 'Export as of this moment instead of now' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from export" -l endpoint -d 'A node to begin with, any member will do; repeat it or separate with commas. Without it ELASTICKV_ENDPOINT counts, and without that 127.0.0.1:50051' -r -f -a "(__fish_print_hostnames)"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from export" -l tls-ca -d 'The authorities whose certificates servers must have (PEM); with it, connections are encrypted' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from export" -l tls-cert -d 'This user\'s certificate (PEM), with --tls-key' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from export" -l tls-key -d 'The key of the certificate, in a file for its owner alone' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from export" -l tls-server-name -d 'The name that servers\' certificates are to be for, where it is not the host that is dialled' -r -f -a "(__fish_print_hostnames)"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from export" -l token-file -d 'A file for its owner alone that holds a token' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from export" -l timeout -d 'Longest time for one call; by default 2s for questions about state, 5s for reads, 10s for writes' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from export" -l deadline -d 'Longest time for the whole command, repetitions included; by default 10s, 5m where work takes long' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from export" -s o -l output -d 'How the result is written' -r -f -a "table\t''
wide\t''
short\t''
json\t''
yaml\t''
ndjson\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from export" -l color -d 'When to use colours; auto means on a terminal, unless NO_COLOR is set or TERM is dumb' -r -f -a "auto\t''
always\t''
never\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from export" -l progress -d 'How to tell on standard error what a long command waits for' -r -f -a "auto\t''
plain\t''
json\t''
off\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from export" -l resume -d 'Go on with a file that was not finished'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from export" -l ascii -d 'Use ASCII letters only'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from export" -s h -l help -d 'Print help'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from export" -s V -l version -d 'Print version'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from import" -s f -l file -d 'Where from; without it, or as -, standard input' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from import" -l expect-cluster -d 'Refuse unless the cluster has this name' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from import" -l endpoint -d 'A node to begin with, any member will do; repeat it or separate with commas. Without it ELASTICKV_ENDPOINT counts, and without that 127.0.0.1:50051' -r -f -a "(__fish_print_hostnames)"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from import" -l tls-ca -d 'The authorities whose certificates servers must have (PEM); with it, connections are encrypted' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from import" -l tls-cert -d 'This user\'s certificate (PEM), with --tls-key' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from import" -l tls-key -d 'The key of the certificate, in a file for its owner alone' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from import" -l tls-server-name -d 'The name that servers\' certificates are to be for, where it is not the host that is dialled' -r -f -a "(__fish_print_hostnames)"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from import" -l token-file -d 'A file for its owner alone that holds a token' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from import" -l timeout -d 'Longest time for one call; by default 2s for questions about state, 5s for reads, 10s for writes' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from import" -l deadline -d 'Longest time for the whole command, repetitions included; by default 10s, 5m where work takes long' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from import" -s o -l output -d 'How the result is written' -r -f -a "table\t''
wide\t''
short\t''
json\t''
yaml\t''
ndjson\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from import" -l color -d 'When to use colours; auto means on a terminal, unless NO_COLOR is set or TERM is dumb' -r -f -a "auto\t''
always\t''
never\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from import" -l progress -d 'How to tell on standard error what a long command waits for' -r -f -a "auto\t''
plain\t''
json\t''
off\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from import" -l resume -d 'Go on where an earlier import of this file ended'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from import" -l ascii -d 'Use ASCII letters only'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from import" -s h -l help -d 'Print help'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from import" -s V -l version -d 'Print version'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from delete-range" -l prefix -d 'Only keys that begin with this' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from delete-range" -l start -d 'Only keys from here on' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from delete-range" -l end -d 'Only keys before this one' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from delete-range" -l keys -d 'How the range is written' -r -f -a "text\t''
escaped\t''
hex\t''
base64\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from delete-range" -l expect-cluster -d 'Refuse unless the cluster has this name' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from delete-range" -l endpoint -d 'A node to begin with, any member will do; repeat it or separate with commas. Without it ELASTICKV_ENDPOINT counts, and without that 127.0.0.1:50051' -r -f -a "(__fish_print_hostnames)"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from delete-range" -l tls-ca -d 'The authorities whose certificates servers must have (PEM); with it, connections are encrypted' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from delete-range" -l tls-cert -d 'This user\'s certificate (PEM), with --tls-key' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from delete-range" -l tls-key -d 'The key of the certificate, in a file for its owner alone' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from delete-range" -l tls-server-name -d 'The name that servers\' certificates are to be for, where it is not the host that is dialled' -r -f -a "(__fish_print_hostnames)"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from delete-range" -l token-file -d 'A file for its owner alone that holds a token' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from delete-range" -l timeout -d 'Longest time for one call; by default 2s for questions about state, 5s for reads, 10s for writes' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from delete-range" -l deadline -d 'Longest time for the whole command, repetitions included; by default 10s, 5m where work takes long' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from delete-range" -s o -l output -d 'How the result is written' -r -f -a "table\t''
wide\t''
short\t''
json\t''
yaml\t''
ndjson\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from delete-range" -l color -d 'When to use colours; auto means on a terminal, unless NO_COLOR is set or TERM is dumb' -r -f -a "auto\t''
always\t''
never\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from delete-range" -l progress -d 'How to tell on standard error what a long command waits for' -r -f -a "auto\t''
plain\t''
json\t''
off\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from delete-range" -l all -d 'Every key there is'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from delete-range" -l yes -d 'Agree without being asked; takes --expect-cluster too'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from delete-range" -l ascii -d 'Use ASCII letters only'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from delete-range" -s h -l help -d 'Print help'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kv; and __fish_seen_subcommand_from delete-range" -s V -l version -d 'Print version'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and not __fish_seen_subcommand_from status bootstrap enable-storage-envelope enable-raft-envelope rotate-dek rewrap-deks rewrite retire-dek register-writer check keys history resync-sidecar disable probe-node-id" -l endpoint -d 'A node to begin with, any member will do; repeat it or separate with commas. Without it ELASTICKV_ENDPOINT counts, and without that 127.0.0.1:50051' -r -f -a "(__fish_print_hostnames)"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and not __fish_seen_subcommand_from status bootstrap enable-storage-envelope enable-raft-envelope rotate-dek rewrap-deks rewrite retire-dek register-writer check keys history resync-sidecar disable probe-node-id" -l tls-ca -d 'The authorities whose certificates servers must have (PEM); with it, connections are encrypted' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and not __fish_seen_subcommand_from status bootstrap enable-storage-envelope enable-raft-envelope rotate-dek rewrap-deks rewrite retire-dek register-writer check keys history resync-sidecar disable probe-node-id" -l tls-cert -d 'This user\'s certificate (PEM), with --tls-key' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and not __fish_seen_subcommand_from status bootstrap enable-storage-envelope enable-raft-envelope rotate-dek rewrap-deks rewrite retire-dek register-writer check keys history resync-sidecar disable probe-node-id" -l tls-key -d 'The key of the certificate, in a file for its owner alone' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and not __fish_seen_subcommand_from status bootstrap enable-storage-envelope enable-raft-envelope rotate-dek rewrap-deks rewrite retire-dek register-writer check keys history resync-sidecar disable probe-node-id" -l tls-server-name -d 'The name that servers\' certificates are to be for, where it is not the host that is dialled' -r -f -a "(__fish_print_hostnames)"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and not __fish_seen_subcommand_from status bootstrap enable-storage-envelope enable-raft-envelope rotate-dek rewrap-deks rewrite retire-dek register-writer check keys history resync-sidecar disable probe-node-id" -l token-file -d 'A file for its owner alone that holds a token' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and not __fish_seen_subcommand_from status bootstrap enable-storage-envelope enable-raft-envelope rotate-dek rewrap-deks rewrite retire-dek register-writer check keys history resync-sidecar disable probe-node-id" -l timeout -d 'Longest time for one call; by default 2s for questions about state, 5s for reads, 10s for writes' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and not __fish_seen_subcommand_from status bootstrap enable-storage-envelope enable-raft-envelope rotate-dek rewrap-deks rewrite retire-dek register-writer check keys history resync-sidecar disable probe-node-id" -l deadline -d 'Longest time for the whole command, repetitions included; by default 10s, 5m where work takes long' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and not __fish_seen_subcommand_from status bootstrap enable-storage-envelope enable-raft-envelope rotate-dek rewrap-deks rewrite retire-dek register-writer check keys history resync-sidecar disable probe-node-id" -s o -l output -d 'How the result is written' -r -f -a "table\t''
wide\t''
short\t''
json\t''
yaml\t''
ndjson\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and not __fish_seen_subcommand_from status bootstrap enable-storage-envelope enable-raft-envelope rotate-dek rewrap-deks rewrite retire-dek register-writer check keys history resync-sidecar disable probe-node-id" -l color -d 'When to use colours; auto means on a terminal, unless NO_COLOR is set or TERM is dumb' -r -f -a "auto\t''
always\t''
never\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and not __fish_seen_subcommand_from status bootstrap enable-storage-envelope enable-raft-envelope rotate-dek rewrap-deks rewrite retire-dek register-writer check keys history resync-sidecar disable probe-node-id" -l progress -d 'How to tell on standard error what a long command waits for' -r -f -a "auto\t''
plain\t''
json\t''
off\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and not __fish_seen_subcommand_from status bootstrap enable-storage-envelope enable-raft-envelope rotate-dek rewrap-deks rewrite retire-dek register-writer check keys history resync-sidecar disable probe-node-id" -l ascii -d 'Use ASCII letters only'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and not __fish_seen_subcommand_from status bootstrap enable-storage-envelope enable-raft-envelope rotate-dek rewrap-deks rewrite retire-dek register-writer check keys history resync-sidecar disable probe-node-id" -s h -l help -d 'Print help'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and not __fish_seen_subcommand_from status bootstrap enable-storage-envelope enable-raft-envelope rotate-dek rewrap-deks rewrite retire-dek register-writer check keys history resync-sidecar disable probe-node-id" -s V -l version -d 'Print version'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and not __fish_seen_subcommand_from status bootstrap enable-storage-envelope enable-raft-envelope rotate-dek rewrap-deks rewrite retire-dek register-writer check keys history resync-sidecar disable probe-node-id" -f -a "status" -d 'Every member and data key at a glance: stage, keys, nonces, sidecars, what is under way'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and not __fish_seen_subcommand_from status bootstrap enable-storage-envelope enable-raft-envelope rotate-dek rewrap-deks rewrite retire-dek register-writer check keys history resync-sidecar disable probe-node-id" -f -a "bootstrap" -d 'Make the cluster\'s data keys; nothing is sealed by that'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and not __fish_seen_subcommand_from status bootstrap enable-storage-envelope enable-raft-envelope rotate-dek rewrap-deks rewrite retire-dek register-writer check keys history resync-sidecar disable probe-node-id" -f -a "enable-storage-envelope" -d 'Seal every value that is written from now on'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and not __fish_seen_subcommand_from status bootstrap enable-storage-envelope enable-raft-envelope rotate-dek rewrap-deks rewrite retire-dek register-writer check keys history resync-sidecar disable probe-node-id" -f -a "enable-raft-envelope" -d 'Seal every entry of the log that is written from now on'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and not __fish_seen_subcommand_from status bootstrap enable-storage-envelope enable-raft-envelope rotate-dek rewrap-deks rewrite retire-dek register-writer check keys history resync-sidecar disable probe-node-id" -f -a "rotate-dek" -d 'Put a new data key in place of the active one'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and not __fish_seen_subcommand_from status bootstrap enable-storage-envelope enable-raft-envelope rotate-dek rewrap-deks rewrite retire-dek register-writer check keys history resync-sidecar disable probe-node-id" -f -a "rewrap-deks" -d 'Wrap every data key anew, with the KEK that the leader was started with'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and not __fish_seen_subcommand_from status bootstrap enable-storage-envelope enable-raft-envelope rotate-dek rewrap-deks rewrite retire-dek register-writer check keys history resync-sidecar disable probe-node-id" -f -a "rewrite" -d 'Seal old values anew: those that are clear, and those under a key that was replaced'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and not __fish_seen_subcommand_from status bootstrap enable-storage-envelope enable-raft-envelope rotate-dek rewrap-deks rewrite retire-dek register-writer check keys history resync-sidecar disable probe-node-id" -f -a "retire-dek" -d 'Close a data key that was replaced, and unload it once nothing refers to it any more'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and not __fish_seen_subcommand_from status bootstrap enable-storage-envelope enable-raft-envelope rotate-dek rewrap-deks rewrite retire-dek register-writer check keys history resync-sidecar disable probe-node-id" -f -a "register-writer" -d 'Repeat the registration of nodes as writers, when their own did not get through'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and not __fish_seen_subcommand_from status bootstrap enable-storage-envelope enable-raft-envelope rotate-dek rewrap-deks rewrite retire-dek register-writer check keys history resync-sidecar disable probe-node-id" -f -a "check" -d 'Make the judgement of a step\'s gate, and change nothing; exit 3 when the step would be refused'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and not __fish_seen_subcommand_from status bootstrap enable-storage-envelope enable-raft-envelope rotate-dek rewrap-deks rewrite retire-dek register-writer check keys history resync-sidecar disable probe-node-id" -f -a "keys" -d 'The data keys: which there are, and all about one'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and not __fish_seen_subcommand_from status bootstrap enable-storage-envelope enable-raft-envelope rotate-dek rewrap-deks rewrite retire-dek register-writer check keys history resync-sidecar disable probe-node-id" -f -a "history" -d 'What became of operations on keys and stage, youngest first'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and not __fish_seen_subcommand_from status bootstrap enable-storage-envelope enable-raft-envelope rotate-dek rewrap-deks rewrite retire-dek register-writer check keys history resync-sidecar disable probe-node-id" -f -a "resync-sidecar" -d 'Make the sidecar of a stopped node anew, when it is lost, damaged or behind'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and not __fish_seen_subcommand_from status bootstrap enable-storage-envelope enable-raft-envelope rotate-dek rewrap-deks rewrite retire-dek register-writer check keys history resync-sidecar disable probe-node-id" -f -a "disable" -d 'Refuses, and tells the way out: dump and reload'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and not __fish_seen_subcommand_from status bootstrap enable-storage-envelope enable-raft-envelope rotate-dek rewrap-deks rewrite retire-dek register-writer check keys history resync-sidecar disable probe-node-id" -f -a "probe-node-id" -d 'Show the ids that names of nodes have in nonces, and whether two of them clash'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from status" -l verify-rate -d 'At most so many rows a second on each member' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from status" -l fail-on -d 'Exit with 4 when there is anything to warn about' -r -f -a "warn\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from status" -l endpoint -d 'A node to begin with, any member will do; repeat it or separate with commas. Without it ELASTICKV_ENDPOINT counts, and without that 127.0.0.1:50051' -r -f -a "(__fish_print_hostnames)"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from status" -l tls-ca -d 'The authorities whose certificates servers must have (PEM); with it, connections are encrypted' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from status" -l tls-cert -d 'This user\'s certificate (PEM), with --tls-key' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from status" -l tls-key -d 'The key of the certificate, in a file for its owner alone' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from status" -l tls-server-name -d 'The name that servers\' certificates are to be for, where it is not the host that is dialled' -r -f -a "(__fish_print_hostnames)"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from status" -l token-file -d 'A file for its owner alone that holds a token' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from status" -l timeout -d 'Longest time for one call; by default 2s for questions about state, 5s for reads, 10s for writes' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from status" -l deadline -d 'Longest time for the whole command, repetitions included; by default 10s, 5m where work takes long' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from status" -s o -l output -d 'How the result is written' -r -f -a "table\t''
wide\t''
short\t''
json\t''
yaml\t''
ndjson\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from status" -l color -d 'When to use colours; auto means on a terminal, unless NO_COLOR is set or TERM is dumb' -r -f -a "auto\t''
always\t''
never\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from status" -l progress -d 'How to tell on standard error what a long command waits for' -r -f -a "auto\t''
plain\t''
json\t''
off\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from status" -l verify -d 'Count every row of every member by the key it is sealed under; exit 9 when one is found that should not be there'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from status" -l ascii -d 'Use ASCII letters only'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from status" -s h -l help -d 'Print help'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from status" -s V -l version -d 'Print version'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from bootstrap" -l reason -d 'Why, for the history' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from bootstrap" -l op-id -d 'Names this operation; give the id that was printed when repeating one whose outcome is unknown' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from bootstrap" -l expect-cluster -d 'Refuse unless the cluster has this name' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from bootstrap" -l endpoint -d 'A node to begin with, any member will do; repeat it or separate with commas. Without it ELASTICKV_ENDPOINT counts, and without that 127.0.0.1:50051' -r -f -a "(__fish_print_hostnames)"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from bootstrap" -l tls-ca -d 'The authorities whose certificates servers must have (PEM); with it, connections are encrypted' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from bootstrap" -l tls-cert -d 'This user\'s certificate (PEM), with --tls-key' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from bootstrap" -l tls-key -d 'The key of the certificate, in a file for its owner alone' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from bootstrap" -l tls-server-name -d 'The name that servers\' certificates are to be for, where it is not the host that is dialled' -r -f -a "(__fish_print_hostnames)"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from bootstrap" -l token-file -d 'A file for its owner alone that holds a token' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from bootstrap" -l timeout -d 'Longest time for one call; by default 2s for questions about state, 5s for reads, 10s for writes' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from bootstrap" -l deadline -d 'Longest time for the whole command, repetitions included; by default 10s, 5m where work takes long' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from bootstrap" -s o -l output -d 'How the result is written' -r -f -a "table\t''
wide\t''
short\t''
json\t''
yaml\t''
ndjson\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from bootstrap" -l color -d 'When to use colours; auto means on a terminal, unless NO_COLOR is set or TERM is dumb' -r -f -a "auto\t''
always\t''
never\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from bootstrap" -l progress -d 'How to tell on standard error what a long command waits for' -r -f -a "auto\t''
plain\t''
json\t''
off\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from bootstrap" -l dry-run -d 'Run the gate and propose nothing; the same as `encryption check`'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from bootstrap" -l yes -d 'Do not ask; needs --expect-cluster, and skips no gate'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from bootstrap" -l no-wait -d 'Return once it has begun, with exit status 8'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from bootstrap" -l wait -d 'Wait until it is over and every member has applied it; this is what happens unless said otherwise'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from bootstrap" -l detailed-exit-code -d 'Exit with 10 when nothing needed doing'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from bootstrap" -l ascii -d 'Use ASCII letters only'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from bootstrap" -s h -l help -d 'Print help'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from bootstrap" -s V -l version -d 'Print version'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from enable-storage-envelope" -l reason -d 'Why, for the history' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from enable-storage-envelope" -l op-id -d 'Names this operation; give the id that was printed when repeating one whose outcome is unknown' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from enable-storage-envelope" -l expect-cluster -d 'Refuse unless the cluster has this name' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from enable-storage-envelope" -l endpoint -d 'A node to begin with, any member will do; repeat it or separate with commas. Without it ELASTICKV_ENDPOINT counts, and without that 127.0.0.1:50051' -r -f -a "(__fish_print_hostnames)"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from enable-storage-envelope" -l tls-ca -d 'The authorities whose certificates servers must have (PEM); with it, connections are encrypted' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from enable-storage-envelope" -l tls-cert -d 'This user\'s certificate (PEM), with --tls-key' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from enable-storage-envelope" -l tls-key -d 'The key of the certificate, in a file for its owner alone' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from enable-storage-envelope" -l tls-server-name -d 'The name that servers\' certificates are to be for, where it is not the host that is dialled' -r -f -a "(__fish_print_hostnames)"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from enable-storage-envelope" -l token-file -d 'A file for its owner alone that holds a token' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from enable-storage-envelope" -l timeout -d 'Longest time for one call; by default 2s for questions about state, 5s for reads, 10s for writes' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from enable-storage-envelope" -l deadline -d 'Longest time for the whole command, repetitions included; by default 10s, 5m where work takes long' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from enable-storage-envelope" -s o -l output -d 'How the result is written' -r -f -a "table\t''
wide\t''
short\t''
json\t''
yaml\t''
ndjson\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from enable-storage-envelope" -l color -d 'When to use colours; auto means on a terminal, unless NO_COLOR is set or TERM is dumb' -r -f -a "auto\t''
always\t''
never\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from enable-storage-envelope" -l progress -d 'How to tell on standard error what a long command waits for' -r -f -a "auto\t''
plain\t''
json\t''
off\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from enable-storage-envelope" -l dry-run -d 'Run the gate and propose nothing; the same as `encryption check`'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from enable-storage-envelope" -l yes -d 'Do not ask; needs --expect-cluster, and skips no gate'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from enable-storage-envelope" -l no-wait -d 'Return once it has begun, with exit status 8'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from enable-storage-envelope" -l wait -d 'Wait until it is over and every member has applied it; this is what happens unless said otherwise'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from enable-storage-envelope" -l detailed-exit-code -d 'Exit with 10 when nothing needed doing'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from enable-storage-envelope" -l ascii -d 'Use ASCII letters only'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from enable-storage-envelope" -s h -l help -d 'Print help'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from enable-storage-envelope" -s V -l version -d 'Print version'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from enable-raft-envelope" -l reason -d 'Why, for the history' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from enable-raft-envelope" -l op-id -d 'Names this operation; give the id that was printed when repeating one whose outcome is unknown' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from enable-raft-envelope" -l expect-cluster -d 'Refuse unless the cluster has this name' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from enable-raft-envelope" -l endpoint -d 'A node to begin with, any member will do; repeat it or separate with commas. Without it ELASTICKV_ENDPOINT counts, and without that 127.0.0.1:50051' -r -f -a "(__fish_print_hostnames)"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from enable-raft-envelope" -l tls-ca -d 'The authorities whose certificates servers must have (PEM); with it, connections are encrypted' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from enable-raft-envelope" -l tls-cert -d 'This user\'s certificate (PEM), with --tls-key' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from enable-raft-envelope" -l tls-key -d 'The key of the certificate, in a file for its owner alone' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from enable-raft-envelope" -l tls-server-name -d 'The name that servers\' certificates are to be for, where it is not the host that is dialled' -r -f -a "(__fish_print_hostnames)"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from enable-raft-envelope" -l token-file -d 'A file for its owner alone that holds a token' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from enable-raft-envelope" -l timeout -d 'Longest time for one call; by default 2s for questions about state, 5s for reads, 10s for writes' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from enable-raft-envelope" -l deadline -d 'Longest time for the whole command, repetitions included; by default 10s, 5m where work takes long' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from enable-raft-envelope" -s o -l output -d 'How the result is written' -r -f -a "table\t''
wide\t''
short\t''
json\t''
yaml\t''
ndjson\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from enable-raft-envelope" -l color -d 'When to use colours; auto means on a terminal, unless NO_COLOR is set or TERM is dumb' -r -f -a "auto\t''
always\t''
never\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from enable-raft-envelope" -l progress -d 'How to tell on standard error what a long command waits for' -r -f -a "auto\t''
plain\t''
json\t''
off\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from enable-raft-envelope" -l dry-run -d 'Run the gate and propose nothing; the same as `encryption check`'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from enable-raft-envelope" -l yes -d 'Do not ask; needs --expect-cluster, and skips no gate'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from enable-raft-envelope" -l no-wait -d 'Return once it has begun, with exit status 8'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from enable-raft-envelope" -l wait -d 'Wait until it is over and every member has applied it; this is what happens unless said otherwise'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from enable-raft-envelope" -l detailed-exit-code -d 'Exit with 10 when nothing needed doing'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from enable-raft-envelope" -l ascii -d 'Use ASCII letters only'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from enable-raft-envelope" -s h -l help -d 'Print help'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from enable-raft-envelope" -s V -l version -d 'Print version'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from rotate-dek" -l purpose -d 'The key of what' -r -f -a "storage\t''
raft\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from rotate-dek" -l reason -d 'Why, for the history' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from rotate-dek" -l op-id -d 'Names this operation; give the id that was printed when repeating one whose outcome is unknown' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from rotate-dek" -l expect-cluster -d 'Refuse unless the cluster has this name' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from rotate-dek" -l endpoint -d 'A node to begin with, any member will do; repeat it or separate with commas. Without it ELASTICKV_ENDPOINT counts, and without that 127.0.0.1:50051' -r -f -a "(__fish_print_hostnames)"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from rotate-dek" -l tls-ca -d 'The authorities whose certificates servers must have (PEM); with it, connections are encrypted' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from rotate-dek" -l tls-cert -d 'This user\'s certificate (PEM), with --tls-key' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from rotate-dek" -l tls-key -d 'The key of the certificate, in a file for its owner alone' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from rotate-dek" -l tls-server-name -d 'The name that servers\' certificates are to be for, where it is not the host that is dialled' -r -f -a "(__fish_print_hostnames)"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from rotate-dek" -l token-file -d 'A file for its owner alone that holds a token' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from rotate-dek" -l timeout -d 'Longest time for one call; by default 2s for questions about state, 5s for reads, 10s for writes' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from rotate-dek" -l deadline -d 'Longest time for the whole command, repetitions included; by default 10s, 5m where work takes long' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from rotate-dek" -s o -l output -d 'How the result is written' -r -f -a "table\t''
wide\t''
short\t''
json\t''
yaml\t''
ndjson\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from rotate-dek" -l color -d 'When to use colours; auto means on a terminal, unless NO_COLOR is set or TERM is dumb' -r -f -a "auto\t''
always\t''
never\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from rotate-dek" -l progress -d 'How to tell on standard error what a long command waits for' -r -f -a "auto\t''
plain\t''
json\t''
off\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from rotate-dek" -l dry-run -d 'Run the gate and propose nothing; the same as `encryption check`'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from rotate-dek" -l yes -d 'Do not ask; needs --expect-cluster, and skips no gate'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from rotate-dek" -l no-wait -d 'Return once it has begun, with exit status 8'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from rotate-dek" -l wait -d 'Wait until it is over and every member has applied it; this is what happens unless said otherwise'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from rotate-dek" -l detailed-exit-code -d 'Exit with 10 when nothing needed doing'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from rotate-dek" -l ascii -d 'Use ASCII letters only'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from rotate-dek" -s h -l help -d 'Print help'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from rotate-dek" -s V -l version -d 'Print version'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from rewrap-deks" -l reason -d 'Why, for the history' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from rewrap-deks" -l op-id -d 'Names this operation; give the id that was printed when repeating one whose outcome is unknown' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from rewrap-deks" -l expect-cluster -d 'Refuse unless the cluster has this name' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from rewrap-deks" -l endpoint -d 'A node to begin with, any member will do; repeat it or separate with commas. Without it ELASTICKV_ENDPOINT counts, and without that 127.0.0.1:50051' -r -f -a "(__fish_print_hostnames)"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from rewrap-deks" -l tls-ca -d 'The authorities whose certificates servers must have (PEM); with it, connections are encrypted' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from rewrap-deks" -l tls-cert -d 'This user\'s certificate (PEM), with --tls-key' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from rewrap-deks" -l tls-key -d 'The key of the certificate, in a file for its owner alone' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from rewrap-deks" -l tls-server-name -d 'The name that servers\' certificates are to be for, where it is not the host that is dialled' -r -f -a "(__fish_print_hostnames)"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from rewrap-deks" -l token-file -d 'A file for its owner alone that holds a token' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from rewrap-deks" -l timeout -d 'Longest time for one call; by default 2s for questions about state, 5s for reads, 10s for writes' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from rewrap-deks" -l deadline -d 'Longest time for the whole command, repetitions included; by default 10s, 5m where work takes long' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from rewrap-deks" -s o -l output -d 'How the result is written' -r -f -a "table\t''
wide\t''
short\t''
json\t''
yaml\t''
ndjson\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from rewrap-deks" -l color -d 'When to use colours; auto means on a terminal, unless NO_COLOR is set or TERM is dumb' -r -f -a "auto\t''
always\t''
never\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from rewrap-deks" -l progress -d 'How to tell on standard error what a long command waits for' -r -f -a "auto\t''
plain\t''
json\t''
off\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from rewrap-deks" -l dry-run -d 'Run the gate and propose nothing; the same as `encryption check`'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from rewrap-deks" -l yes -d 'Do not ask; needs --expect-cluster, and skips no gate'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from rewrap-deks" -l no-wait -d 'Return once it has begun, with exit status 8'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from rewrap-deks" -l wait -d 'Wait until it is over and every member has applied it; this is what happens unless said otherwise'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from rewrap-deks" -l detailed-exit-code -d 'Exit with 10 when nothing needed doing'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from rewrap-deks" -l ascii -d 'Use ASCII letters only'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from rewrap-deks" -s h -l help -d 'Print help'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from rewrap-deks" -s V -l version -d 'Print version'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from rewrite" -l rate -d 'At most so much a second on each member, such as 20MiB/s; by default as fast as it goes' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from rewrite" -l reason -d 'Why, for those who come after' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from rewrite" -l op-id -d 'Names this operation; give the id that was printed when repeating one whose outcome is unknown' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from rewrite" -l expect-cluster -d 'Refuse unless the cluster has this name' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from rewrite" -l endpoint -d 'A node to begin with, any member will do; repeat it or separate with commas. Without it ELASTICKV_ENDPOINT counts, and without that 127.0.0.1:50051' -r -f -a "(__fish_print_hostnames)"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from rewrite" -l tls-ca -d 'The authorities whose certificates servers must have (PEM); with it, connections are encrypted' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from rewrite" -l tls-cert -d 'This user\'s certificate (PEM), with --tls-key' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from rewrite" -l tls-key -d 'The key of the certificate, in a file for its owner alone' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from rewrite" -l tls-server-name -d 'The name that servers\' certificates are to be for, where it is not the host that is dialled' -r -f -a "(__fish_print_hostnames)"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from rewrite" -l token-file -d 'A file for its owner alone that holds a token' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from rewrite" -l timeout -d 'Longest time for one call; by default 2s for questions about state, 5s for reads, 10s for writes' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from rewrite" -l deadline -d 'Longest time for the whole command, repetitions included; by default 10s, 5m where work takes long' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from rewrite" -s o -l output -d 'How the result is written' -r -f -a "table\t''
wide\t''
short\t''
json\t''
yaml\t''
ndjson\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from rewrite" -l color -d 'When to use colours; auto means on a terminal, unless NO_COLOR is set or TERM is dumb' -r -f -a "auto\t''
always\t''
never\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from rewrite" -l progress -d 'How to tell on standard error what a long command waits for' -r -f -a "auto\t''
plain\t''
json\t''
off\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from rewrite" -l no-wait -d 'Return once it has begun, with exit status 8'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from rewrite" -l detailed-exit-code -d 'Exit with 10 when nothing needed doing'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from rewrite" -l ascii -d 'Use ASCII letters only'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from rewrite" -s h -l help -d 'Print help'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from rewrite" -s V -l version -d 'Print version'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from rewrite" -f -a "status" -d 'How far the job is on each member, or how the last one ended'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from rewrite" -f -a "pause" -d 'Let the job rest; what is sealed stays so'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from rewrite" -f -a "resume" -d 'Let a paused job go on where it was'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from rewrite" -f -a "set-rate" -d 'Change how fast the job may go'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from rewrite" -f -a "cancel" -d 'Give the job up; what is sealed stays so, and another one begins anew'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from retire-dek" -l key-id -d 'The key\'s id: decimal, 0x and hexadecimal digits, or the beginning of one of them' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from retire-dek" -l backup -d 'Look into this backup as well, by its manifest: what in it needs the key; may be repeated' -r -f -a "(__fish_complete_directories)"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from retire-dek" -l reason -d 'Why, for the history' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from retire-dek" -l op-id -d 'Names this operation; give the id that was printed when repeating one whose outcome is unknown' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from retire-dek" -l expect-cluster -d 'Refuse unless the cluster has this name' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from retire-dek" -l endpoint -d 'A node to begin with, any member will do; repeat it or separate with commas. Without it ELASTICKV_ENDPOINT counts, and without that 127.0.0.1:50051' -r -f -a "(__fish_print_hostnames)"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from retire-dek" -l tls-ca -d 'The authorities whose certificates servers must have (PEM); with it, connections are encrypted' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from retire-dek" -l tls-cert -d 'This user\'s certificate (PEM), with --tls-key' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from retire-dek" -l tls-key -d 'The key of the certificate, in a file for its owner alone' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from retire-dek" -l tls-server-name -d 'The name that servers\' certificates are to be for, where it is not the host that is dialled' -r -f -a "(__fish_print_hostnames)"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from retire-dek" -l token-file -d 'A file for its owner alone that holds a token' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from retire-dek" -l timeout -d 'Longest time for one call; by default 2s for questions about state, 5s for reads, 10s for writes' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from retire-dek" -l deadline -d 'Longest time for the whole command, repetitions included; by default 10s, 5m where work takes long' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from retire-dek" -s o -l output -d 'How the result is written' -r -f -a "table\t''
wide\t''
short\t''
json\t''
yaml\t''
ndjson\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from retire-dek" -l color -d 'When to use colours; auto means on a terminal, unless NO_COLOR is set or TERM is dumb' -r -f -a "auto\t''
always\t''
never\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from retire-dek" -l progress -d 'How to tell on standard error what a long command waits for' -r -f -a "auto\t''
plain\t''
json\t''
off\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from retire-dek" -l prepare -d 'Do what it takes first: rewrite, drop old logs and snapshots, count every value'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from retire-dek" -l simulate -d 'Show what stands in the way and would become unreadable, and change nothing'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from retire-dek" -l dry-run -d 'Run the gate and propose nothing; the same as `encryption check`'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from retire-dek" -l yes -d 'Do not ask; needs --expect-cluster, and skips no gate'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from retire-dek" -l no-wait -d 'Return once it has begun, with exit status 8'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from retire-dek" -l wait -d 'Wait until it is over and every member has applied it; this is what happens unless said otherwise'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from retire-dek" -l detailed-exit-code -d 'Exit with 10 when nothing needed doing'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from retire-dek" -l ascii -d 'Use ASCII letters only'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from retire-dek" -s h -l help -d 'Print help'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from retire-dek" -s V -l version -d 'Print version'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from register-writer" -l key-id -d 'Under this key; by default under every key that is not retired' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from register-writer" -l op-id -d 'Names this operation; give the id that was printed when repeating one whose outcome is unknown' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from register-writer" -l expect-cluster -d 'Refuse unless the cluster has this name' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from register-writer" -l endpoint -d 'A node to begin with, any member will do; repeat it or separate with commas. Without it ELASTICKV_ENDPOINT counts, and without that 127.0.0.1:50051' -r -f -a "(__fish_print_hostnames)"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from register-writer" -l tls-ca -d 'The authorities whose certificates servers must have (PEM); with it, connections are encrypted' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from register-writer" -l tls-cert -d 'This user\'s certificate (PEM), with --tls-key' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from register-writer" -l tls-key -d 'The key of the certificate, in a file for its owner alone' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from register-writer" -l tls-server-name -d 'The name that servers\' certificates are to be for, where it is not the host that is dialled' -r -f -a "(__fish_print_hostnames)"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from register-writer" -l token-file -d 'A file for its owner alone that holds a token' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from register-writer" -l timeout -d 'Longest time for one call; by default 2s for questions about state, 5s for reads, 10s for writes' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from register-writer" -l deadline -d 'Longest time for the whole command, repetitions included; by default 10s, 5m where work takes long' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from register-writer" -s o -l output -d 'How the result is written' -r -f -a "table\t''
wide\t''
short\t''
json\t''
yaml\t''
ndjson\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from register-writer" -l color -d 'When to use colours; auto means on a terminal, unless NO_COLOR is set or TERM is dumb' -r -f -a "auto\t''
always\t''
never\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from register-writer" -l progress -d 'How to tell on standard error what a long command waits for' -r -f -a "auto\t''
plain\t''
json\t''
off\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from register-writer" -l detailed-exit-code -d 'Exit with 10 when nothing needed doing'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from register-writer" -l ascii -d 'Use ASCII letters only'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from register-writer" -s h -l help -d 'Print help'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from register-writer" -s V -l version -d 'Print version'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from check" -l purpose -d 'The key of what, for rotate-dek' -r -f -a "storage\t''
raft\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from check" -l fail-on -d 'Exit with 4 when there is anything to warn about' -r -f -a "warn\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from check" -l endpoint -d 'A node to begin with, any member will do; repeat it or separate with commas. Without it ELASTICKV_ENDPOINT counts, and without that 127.0.0.1:50051' -r -f -a "(__fish_print_hostnames)"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from check" -l tls-ca -d 'The authorities whose certificates servers must have (PEM); with it, connections are encrypted' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from check" -l tls-cert -d 'This user\'s certificate (PEM), with --tls-key' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from check" -l tls-key -d 'The key of the certificate, in a file for its owner alone' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from check" -l tls-server-name -d 'The name that servers\' certificates are to be for, where it is not the host that is dialled' -r -f -a "(__fish_print_hostnames)"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from check" -l token-file -d 'A file for its owner alone that holds a token' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from check" -l timeout -d 'Longest time for one call; by default 2s for questions about state, 5s for reads, 10s for writes' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from check" -l deadline -d 'Longest time for the whole command, repetitions included; by default 10s, 5m where work takes long' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from check" -s o -l output -d 'How the result is written' -r -f -a "table\t''
wide\t''
short\t''
json\t''
yaml\t''
ndjson\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from check" -l color -d 'When to use colours; auto means on a terminal, unless NO_COLOR is set or TERM is dumb' -r -f -a "auto\t''
always\t''
never\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from check" -l progress -d 'How to tell on standard error what a long command waits for' -r -f -a "auto\t''
plain\t''
json\t''
off\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from check" -l ascii -d 'Use ASCII letters only'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from check" -s h -l help -d 'Print help'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from check" -s V -l version -d 'Print version'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from keys" -l endpoint -d 'A node to begin with, any member will do; repeat it or separate with commas. Without it ELASTICKV_ENDPOINT counts, and without that 127.0.0.1:50051' -r -f -a "(__fish_print_hostnames)"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from keys" -l tls-ca -d 'The authorities whose certificates servers must have (PEM); with it, connections are encrypted' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from keys" -l tls-cert -d 'This user\'s certificate (PEM), with --tls-key' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from keys" -l tls-key -d 'The key of the certificate, in a file for its owner alone' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from keys" -l tls-server-name -d 'The name that servers\' certificates are to be for, where it is not the host that is dialled' -r -f -a "(__fish_print_hostnames)"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from keys" -l token-file -d 'A file for its owner alone that holds a token' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from keys" -l timeout -d 'Longest time for one call; by default 2s for questions about state, 5s for reads, 10s for writes' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from keys" -l deadline -d 'Longest time for the whole command, repetitions included; by default 10s, 5m where work takes long' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from keys" -s o -l output -d 'How the result is written' -r -f -a "table\t''
wide\t''
short\t''
json\t''
yaml\t''
ndjson\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from keys" -l color -d 'When to use colours; auto means on a terminal, unless NO_COLOR is set or TERM is dumb' -r -f -a "auto\t''
always\t''
never\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from keys" -l progress -d 'How to tell on standard error what a long command waits for' -r -f -a "auto\t''
plain\t''
json\t''
off\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from keys" -l ascii -d 'Use ASCII letters only'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from keys" -s h -l help -d 'Print help'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from keys" -s V -l version -d 'Print version'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from keys" -f -a "list" -d 'Which data keys there are'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from keys" -f -a "show" -d 'All about one data key: wrapping, writers, last entries'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from history" -l limit -d 'Show so many' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from history" -l id -d 'Show the operation of this id alone, with all that is known of it' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from history" -l endpoint -d 'A node to begin with, any member will do; repeat it or separate with commas. Without it ELASTICKV_ENDPOINT counts, and without that 127.0.0.1:50051' -r -f -a "(__fish_print_hostnames)"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from history" -l tls-ca -d 'The authorities whose certificates servers must have (PEM); with it, connections are encrypted' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from history" -l tls-cert -d 'This user\'s certificate (PEM), with --tls-key' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from history" -l tls-key -d 'The key of the certificate, in a file for its owner alone' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from history" -l tls-server-name -d 'The name that servers\' certificates are to be for, where it is not the host that is dialled' -r -f -a "(__fish_print_hostnames)"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from history" -l token-file -d 'A file for its owner alone that holds a token' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from history" -l timeout -d 'Longest time for one call; by default 2s for questions about state, 5s for reads, 10s for writes' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from history" -l deadline -d 'Longest time for the whole command, repetitions included; by default 10s, 5m where work takes long' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from history" -s o -l output -d 'How the result is written' -r -f -a "table\t''
wide\t''
short\t''
json\t''
yaml\t''
ndjson\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from history" -l color -d 'When to use colours; auto means on a terminal, unless NO_COLOR is set or TERM is dumb' -r -f -a "auto\t''
always\t''
never\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from history" -l progress -d 'How to tell on standard error what a long command waits for' -r -f -a "auto\t''
plain\t''
json\t''
off\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from history" -l ascii -d 'Use ASCII letters only'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from history" -s h -l help -d 'Print help'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from history" -s V -l version -d 'Print version'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from resync-sidecar" -l data-dir -d 'The data directory of the node, which is stopped' -r -f -a "(__fish_complete_directories)"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from resync-sidecar" -l endpoint -d 'A node to begin with, any member will do; repeat it or separate with commas. Without it ELASTICKV_ENDPOINT counts, and without that 127.0.0.1:50051' -r -f -a "(__fish_print_hostnames)"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from resync-sidecar" -l tls-ca -d 'The authorities whose certificates servers must have (PEM); with it, connections are encrypted' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from resync-sidecar" -l tls-cert -d 'This user\'s certificate (PEM), with --tls-key' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from resync-sidecar" -l tls-key -d 'The key of the certificate, in a file for its owner alone' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from resync-sidecar" -l tls-server-name -d 'The name that servers\' certificates are to be for, where it is not the host that is dialled' -r -f -a "(__fish_print_hostnames)"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from resync-sidecar" -l token-file -d 'A file for its owner alone that holds a token' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from resync-sidecar" -l timeout -d 'Longest time for one call; by default 2s for questions about state, 5s for reads, 10s for writes' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from resync-sidecar" -l deadline -d 'Longest time for the whole command, repetitions included; by default 10s, 5m where work takes long' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from resync-sidecar" -s o -l output -d 'How the result is written' -r -f -a "table\t''
wide\t''
short\t''
json\t''
yaml\t''
ndjson\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from resync-sidecar" -l color -d 'When to use colours; auto means on a terminal, unless NO_COLOR is set or TERM is dumb' -r -f -a "auto\t''
always\t''
never\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from resync-sidecar" -l progress -d 'How to tell on standard error what a long command waits for' -r -f -a "auto\t''
plain\t''
json\t''
off\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from resync-sidecar" -l ascii -d 'Use ASCII letters only'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from resync-sidecar" -s h -l help -d 'Print help'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from resync-sidecar" -s V -l version -d 'Print version'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from disable" -l endpoint -d 'A node to begin with, any member will do; repeat it or separate with commas. Without it ELASTICKV_ENDPOINT counts, and without that 127.0.0.1:50051' -r -f -a "(__fish_print_hostnames)"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from disable" -l tls-ca -d 'The authorities whose certificates servers must have (PEM); with it, connections are encrypted' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from disable" -l tls-cert -d 'This user\'s certificate (PEM), with --tls-key' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from disable" -l tls-key -d 'The key of the certificate, in a file for its owner alone' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from disable" -l tls-server-name -d 'The name that servers\' certificates are to be for, where it is not the host that is dialled' -r -f -a "(__fish_print_hostnames)"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from disable" -l token-file -d 'A file for its owner alone that holds a token' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from disable" -l timeout -d 'Longest time for one call; by default 2s for questions about state, 5s for reads, 10s for writes' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from disable" -l deadline -d 'Longest time for the whole command, repetitions included; by default 10s, 5m where work takes long' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from disable" -s o -l output -d 'How the result is written' -r -f -a "table\t''
wide\t''
short\t''
json\t''
yaml\t''
ndjson\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from disable" -l color -d 'When to use colours; auto means on a terminal, unless NO_COLOR is set or TERM is dumb' -r -f -a "auto\t''
always\t''
never\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from disable" -l progress -d 'How to tell on standard error what a long command waits for' -r -f -a "auto\t''
plain\t''
json\t''
off\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from disable" -l ascii -d 'Use ASCII letters only'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from disable" -s h -l help -d 'Print help'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from disable" -s V -l version -d 'Print version'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from probe-node-id" -l endpoint -d 'A node to begin with, any member will do; repeat it or separate with commas. Without it ELASTICKV_ENDPOINT counts, and without that 127.0.0.1:50051' -r -f -a "(__fish_print_hostnames)"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from probe-node-id" -l tls-ca -d 'The authorities whose certificates servers must have (PEM); with it, connections are encrypted' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from probe-node-id" -l tls-cert -d 'This user\'s certificate (PEM), with --tls-key' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from probe-node-id" -l tls-key -d 'The key of the certificate, in a file for its owner alone' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from probe-node-id" -l tls-server-name -d 'The name that servers\' certificates are to be for, where it is not the host that is dialled' -r -f -a "(__fish_print_hostnames)"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from probe-node-id" -l token-file -d 'A file for its owner alone that holds a token' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from probe-node-id" -l timeout -d 'Longest time for one call; by default 2s for questions about state, 5s for reads, 10s for writes' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from probe-node-id" -l deadline -d 'Longest time for the whole command, repetitions included; by default 10s, 5m where work takes long' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from probe-node-id" -s o -l output -d 'How the result is written' -r -f -a "table\t''
wide\t''
short\t''
json\t''
yaml\t''
ndjson\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from probe-node-id" -l color -d 'When to use colours; auto means on a terminal, unless NO_COLOR is set or TERM is dumb' -r -f -a "auto\t''
always\t''
never\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from probe-node-id" -l progress -d 'How to tell on standard error what a long command waits for' -r -f -a "auto\t''
plain\t''
json\t''
off\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from probe-node-id" -l members -d 'Include the members of the cluster'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from probe-node-id" -l ascii -d 'Use ASCII letters only'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from probe-node-id" -s h -l help -d 'Print help'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand encryption; and __fish_seen_subcommand_from probe-node-id" -s V -l version -d 'Print version'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kms; and not __fish_seen_subcommand_from generate check list-schemes" -l endpoint -d 'A node to begin with, any member will do; repeat it or separate with commas. Without it ELASTICKV_ENDPOINT counts, and without that 127.0.0.1:50051' -r -f -a "(__fish_print_hostnames)"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kms; and not __fish_seen_subcommand_from generate check list-schemes" -l tls-ca -d 'The authorities whose certificates servers must have (PEM); with it, connections are encrypted' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kms; and not __fish_seen_subcommand_from generate check list-schemes" -l tls-cert -d 'This user\'s certificate (PEM), with --tls-key' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kms; and not __fish_seen_subcommand_from generate check list-schemes" -l tls-key -d 'The key of the certificate, in a file for its owner alone' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kms; and not __fish_seen_subcommand_from generate check list-schemes" -l tls-server-name -d 'The name that servers\' certificates are to be for, where it is not the host that is dialled' -r -f -a "(__fish_print_hostnames)"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kms; and not __fish_seen_subcommand_from generate check list-schemes" -l token-file -d 'A file for its owner alone that holds a token' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kms; and not __fish_seen_subcommand_from generate check list-schemes" -l timeout -d 'Longest time for one call; by default 2s for questions about state, 5s for reads, 10s for writes' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kms; and not __fish_seen_subcommand_from generate check list-schemes" -l deadline -d 'Longest time for the whole command, repetitions included; by default 10s, 5m where work takes long' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kms; and not __fish_seen_subcommand_from generate check list-schemes" -s o -l output -d 'How the result is written' -r -f -a "table\t''
wide\t''
short\t''
json\t''
yaml\t''
ndjson\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kms; and not __fish_seen_subcommand_from generate check list-schemes" -l color -d 'When to use colours; auto means on a terminal, unless NO_COLOR is set or TERM is dumb' -r -f -a "auto\t''
always\t''
never\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kms; and not __fish_seen_subcommand_from generate check list-schemes" -l progress -d 'How to tell on standard error what a long command waits for' -r -f -a "auto\t''
plain\t''
json\t''
off\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kms; and not __fish_seen_subcommand_from generate check list-schemes" -l ascii -d 'Use ASCII letters only'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kms; and not __fish_seen_subcommand_from generate check list-schemes" -s h -l help -d 'Print help'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kms; and not __fish_seen_subcommand_from generate check list-schemes" -s V -l version -d 'Print version'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kms; and not __fish_seen_subcommand_from generate check list-schemes" -f -a "generate" -d 'Make a new wrapping key in a file that only its owner may use; an existing file is never touched'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kms; and not __fish_seen_subcommand_from generate check list-schemes" -f -a "check" -d 'Try a wrapping key: wrap, unwrap, and see that another context is refused'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kms; and not __fish_seen_subcommand_from generate check list-schemes" -f -a "list-schemes" -d 'Tell where a wrapping key can be'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kms; and __fish_seen_subcommand_from generate" -l endpoint -d 'A node to begin with, any member will do; repeat it or separate with commas. Without it ELASTICKV_ENDPOINT counts, and without that 127.0.0.1:50051' -r -f -a "(__fish_print_hostnames)"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kms; and __fish_seen_subcommand_from generate" -l tls-ca -d 'The authorities whose certificates servers must have (PEM); with it, connections are encrypted' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kms; and __fish_seen_subcommand_from generate" -l tls-cert -d 'This user\'s certificate (PEM), with --tls-key' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kms; and __fish_seen_subcommand_from generate" -l tls-key -d 'The key of the certificate, in a file for its owner alone' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kms; and __fish_seen_subcommand_from generate" -l tls-server-name -d 'The name that servers\' certificates are to be for, where it is not the host that is dialled' -r -f -a "(__fish_print_hostnames)"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kms; and __fish_seen_subcommand_from generate" -l token-file -d 'A file for its owner alone that holds a token' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kms; and __fish_seen_subcommand_from generate" -l timeout -d 'Longest time for one call; by default 2s for questions about state, 5s for reads, 10s for writes' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kms; and __fish_seen_subcommand_from generate" -l deadline -d 'Longest time for the whole command, repetitions included; by default 10s, 5m where work takes long' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kms; and __fish_seen_subcommand_from generate" -s o -l output -d 'How the result is written' -r -f -a "table\t''
wide\t''
short\t''
json\t''
yaml\t''
ndjson\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kms; and __fish_seen_subcommand_from generate" -l color -d 'When to use colours; auto means on a terminal, unless NO_COLOR is set or TERM is dumb' -r -f -a "auto\t''
always\t''
never\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kms; and __fish_seen_subcommand_from generate" -l progress -d 'How to tell on standard error what a long command waits for' -r -f -a "auto\t''
plain\t''
json\t''
off\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kms; and __fish_seen_subcommand_from generate" -l ascii -d 'Use ASCII letters only'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kms; and __fish_seen_subcommand_from generate" -s h -l help -d 'Print help'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kms; and __fish_seen_subcommand_from generate" -s V -l version -d 'Print version'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kms; and __fish_seen_subcommand_from check" -l endpoint -d 'A node to begin with, any member will do; repeat it or separate with commas. Without it ELASTICKV_ENDPOINT counts, and without that 127.0.0.1:50051' -r -f -a "(__fish_print_hostnames)"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kms; and __fish_seen_subcommand_from check" -l tls-ca -d 'The authorities whose certificates servers must have (PEM); with it, connections are encrypted' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kms; and __fish_seen_subcommand_from check" -l tls-cert -d 'This user\'s certificate (PEM), with --tls-key' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kms; and __fish_seen_subcommand_from check" -l tls-key -d 'The key of the certificate, in a file for its owner alone' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kms; and __fish_seen_subcommand_from check" -l tls-server-name -d 'The name that servers\' certificates are to be for, where it is not the host that is dialled' -r -f -a "(__fish_print_hostnames)"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kms; and __fish_seen_subcommand_from check" -l token-file -d 'A file for its owner alone that holds a token' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kms; and __fish_seen_subcommand_from check" -l timeout -d 'Longest time for one call; by default 2s for questions about state, 5s for reads, 10s for writes' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kms; and __fish_seen_subcommand_from check" -l deadline -d 'Longest time for the whole command, repetitions included; by default 10s, 5m where work takes long' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kms; and __fish_seen_subcommand_from check" -s o -l output -d 'How the result is written' -r -f -a "table\t''
wide\t''
short\t''
json\t''
yaml\t''
ndjson\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kms; and __fish_seen_subcommand_from check" -l color -d 'When to use colours; auto means on a terminal, unless NO_COLOR is set or TERM is dumb' -r -f -a "auto\t''
always\t''
never\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kms; and __fish_seen_subcommand_from check" -l progress -d 'How to tell on standard error what a long command waits for' -r -f -a "auto\t''
plain\t''
json\t''
off\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kms; and __fish_seen_subcommand_from check" -l ascii -d 'Use ASCII letters only'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kms; and __fish_seen_subcommand_from check" -s h -l help -d 'Print help'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kms; and __fish_seen_subcommand_from check" -s V -l version -d 'Print version'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kms; and __fish_seen_subcommand_from list-schemes" -l endpoint -d 'A node to begin with, any member will do; repeat it or separate with commas. Without it ELASTICKV_ENDPOINT counts, and without that 127.0.0.1:50051' -r -f -a "(__fish_print_hostnames)"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kms; and __fish_seen_subcommand_from list-schemes" -l tls-ca -d 'The authorities whose certificates servers must have (PEM); with it, connections are encrypted' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kms; and __fish_seen_subcommand_from list-schemes" -l tls-cert -d 'This user\'s certificate (PEM), with --tls-key' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kms; and __fish_seen_subcommand_from list-schemes" -l tls-key -d 'The key of the certificate, in a file for its owner alone' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kms; and __fish_seen_subcommand_from list-schemes" -l tls-server-name -d 'The name that servers\' certificates are to be for, where it is not the host that is dialled' -r -f -a "(__fish_print_hostnames)"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kms; and __fish_seen_subcommand_from list-schemes" -l token-file -d 'A file for its owner alone that holds a token' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kms; and __fish_seen_subcommand_from list-schemes" -l timeout -d 'Longest time for one call; by default 2s for questions about state, 5s for reads, 10s for writes' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kms; and __fish_seen_subcommand_from list-schemes" -l deadline -d 'Longest time for the whole command, repetitions included; by default 10s, 5m where work takes long' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kms; and __fish_seen_subcommand_from list-schemes" -s o -l output -d 'How the result is written' -r -f -a "table\t''
wide\t''
short\t''
json\t''
yaml\t''
ndjson\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kms; and __fish_seen_subcommand_from list-schemes" -l color -d 'When to use colours; auto means on a terminal, unless NO_COLOR is set or TERM is dumb' -r -f -a "auto\t''
always\t''
never\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kms; and __fish_seen_subcommand_from list-schemes" -l progress -d 'How to tell on standard error what a long command waits for' -r -f -a "auto\t''
plain\t''
json\t''
off\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kms; and __fish_seen_subcommand_from list-schemes" -l ascii -d 'Use ASCII letters only'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kms; and __fish_seen_subcommand_from list-schemes" -s h -l help -d 'Print help'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand kms; and __fish_seen_subcommand_from list-schemes" -s V -l version -d 'Print version'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand certs; and not __fish_seen_subcommand_from ca node client token" -l endpoint -d 'A node to begin with, any member will do; repeat it or separate with commas. Without it ELASTICKV_ENDPOINT counts, and without that 127.0.0.1:50051' -r -f -a "(__fish_print_hostnames)"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand certs; and not __fish_seen_subcommand_from ca node client token" -l tls-ca -d 'The authorities whose certificates servers must have (PEM); with it, connections are encrypted' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand certs; and not __fish_seen_subcommand_from ca node client token" -l tls-cert -d 'This user\'s certificate (PEM), with --tls-key' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand certs; and not __fish_seen_subcommand_from ca node client token" -l tls-key -d 'The key of the certificate, in a file for its owner alone' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand certs; and not __fish_seen_subcommand_from ca node client token" -l tls-server-name -d 'The name that servers\' certificates are to be for, where it is not the host that is dialled' -r -f -a "(__fish_print_hostnames)"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand certs; and not __fish_seen_subcommand_from ca node client token" -l token-file -d 'A file for its owner alone that holds a token' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand certs; and not __fish_seen_subcommand_from ca node client token" -l timeout -d 'Longest time for one call; by default 2s for questions about state, 5s for reads, 10s for writes' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand certs; and not __fish_seen_subcommand_from ca node client token" -l deadline -d 'Longest time for the whole command, repetitions included; by default 10s, 5m where work takes long' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand certs; and not __fish_seen_subcommand_from ca node client token" -s o -l output -d 'How the result is written' -r -f -a "table\t''
wide\t''
short\t''
json\t''
yaml\t''
ndjson\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand certs; and not __fish_seen_subcommand_from ca node client token" -l color -d 'When to use colours; auto means on a terminal, unless NO_COLOR is set or TERM is dumb' -r -f -a "auto\t''
always\t''
never\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand certs; and not __fish_seen_subcommand_from ca node client token" -l progress -d 'How to tell on standard error what a long command waits for' -r -f -a "auto\t''
plain\t''
json\t''
off\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand certs; and not __fish_seen_subcommand_from ca node client token" -l ascii -d 'Use ASCII letters only'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand certs; and not __fish_seen_subcommand_from ca node client token" -s h -l help -d 'Print help'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand certs; and not __fish_seen_subcommand_from ca node client token" -s V -l version -d 'Print version'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand certs; and not __fish_seen_subcommand_from ca node client token" -f -a "ca" -d 'Make an authority of one\'s own'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand certs; and not __fish_seen_subcommand_from ca node client token" -f -a "node" -d 'Make a node\'s certificate'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand certs; and not __fish_seen_subcommand_from ca node client token" -f -a "client" -d 'Make a client\'s certificate, and tell what belongs into the access file'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand certs; and not __fish_seen_subcommand_from ca node client token" -f -a "token" -d 'Make a token, and tell what belongs into the access file'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand certs; and __fish_seen_subcommand_from ca" -l dir -d 'Where the files go; it is made if it is not there' -r -f -a "(__fish_complete_directories)"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand certs; and __fish_seen_subcommand_from ca" -l name -d 'How the authority is called' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand certs; and __fish_seen_subcommand_from ca" -l days -d 'For how long it counts' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand certs; and __fish_seen_subcommand_from ca" -l endpoint -d 'A node to begin with, any member will do; repeat it or separate with commas. Without it ELASTICKV_ENDPOINT counts, and without that 127.0.0.1:50051' -r -f -a "(__fish_print_hostnames)"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand certs; and __fish_seen_subcommand_from ca" -l tls-ca -d 'The authorities whose certificates servers must have (PEM); with it, connections are encrypted' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand certs; and __fish_seen_subcommand_from ca" -l tls-cert -d 'This user\'s certificate (PEM), with --tls-key' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand certs; and __fish_seen_subcommand_from ca" -l tls-key -d 'The key of the certificate, in a file for its owner alone' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand certs; and __fish_seen_subcommand_from ca" -l tls-server-name -d 'The name that servers\' certificates are to be for, where it is not the host that is dialled' -r -f -a "(__fish_print_hostnames)"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand certs; and __fish_seen_subcommand_from ca" -l token-file -d 'A file for its owner alone that holds a token' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand certs; and __fish_seen_subcommand_from ca" -l timeout -d 'Longest time for one call; by default 2s for questions about state, 5s for reads, 10s for writes' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand certs; and __fish_seen_subcommand_from ca" -l deadline -d 'Longest time for the whole command, repetitions included; by default 10s, 5m where work takes long' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand certs; and __fish_seen_subcommand_from ca" -s o -l output -d 'How the result is written' -r -f -a "table\t''
wide\t''
short\t''
json\t''
yaml\t''
ndjson\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand certs; and __fish_seen_subcommand_from ca" -l color -d 'When to use colours; auto means on a terminal, unless NO_COLOR is set or TERM is dumb' -r -f -a "auto\t''
always\t''
never\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand certs; and __fish_seen_subcommand_from ca" -l progress -d 'How to tell on standard error what a long command waits for' -r -f -a "auto\t''
plain\t''
json\t''
off\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand certs; and __fish_seen_subcommand_from ca" -l ascii -d 'Use ASCII letters only'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand certs; and __fish_seen_subcommand_from ca" -s h -l help -d 'Print help'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand certs; and __fish_seen_subcommand_from ca" -s V -l version -d 'Print version'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand certs; and __fish_seen_subcommand_from node" -l dir -d 'Where the authority\'s files are, and the new ones go' -r -f -a "(__fish_complete_directories)"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand certs; and __fish_seen_subcommand_from node" -l host -d 'A name or an address that clients dial it by; repeat it, or separate with commas' -r -f -a "(__fish_print_hostnames)"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand certs; and __fish_seen_subcommand_from node" -l days -d 'For how long it counts' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand certs; and __fish_seen_subcommand_from node" -l endpoint -d 'A node to begin with, any member will do; repeat it or separate with commas. Without it ELASTICKV_ENDPOINT counts, and without that 127.0.0.1:50051' -r -f -a "(__fish_print_hostnames)"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand certs; and __fish_seen_subcommand_from node" -l tls-ca -d 'The authorities whose certificates servers must have (PEM); with it, connections are encrypted' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand certs; and __fish_seen_subcommand_from node" -l tls-cert -d 'This user\'s certificate (PEM), with --tls-key' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand certs; and __fish_seen_subcommand_from node" -l tls-key -d 'The key of the certificate, in a file for its owner alone' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand certs; and __fish_seen_subcommand_from node" -l tls-server-name -d 'The name that servers\' certificates are to be for, where it is not the host that is dialled' -r -f -a "(__fish_print_hostnames)"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand certs; and __fish_seen_subcommand_from node" -l token-file -d 'A file for its owner alone that holds a token' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand certs; and __fish_seen_subcommand_from node" -l timeout -d 'Longest time for one call; by default 2s for questions about state, 5s for reads, 10s for writes' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand certs; and __fish_seen_subcommand_from node" -l deadline -d 'Longest time for the whole command, repetitions included; by default 10s, 5m where work takes long' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand certs; and __fish_seen_subcommand_from node" -s o -l output -d 'How the result is written' -r -f -a "table\t''
wide\t''
short\t''
json\t''
yaml\t''
ndjson\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand certs; and __fish_seen_subcommand_from node" -l color -d 'When to use colours; auto means on a terminal, unless NO_COLOR is set or TERM is dumb' -r -f -a "auto\t''
always\t''
never\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand certs; and __fish_seen_subcommand_from node" -l progress -d 'How to tell on standard error what a long command waits for' -r -f -a "auto\t''
plain\t''
json\t''
off\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand certs; and __fish_seen_subcommand_from node" -l ascii -d 'Use ASCII letters only'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand certs; and __fish_seen_subcommand_from node" -s h -l help -d 'Print help'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand certs; and __fish_seen_subcommand_from node" -s V -l version -d 'Print version'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand certs; and __fish_seen_subcommand_from client" -l dir -d 'Where the authority\'s files are, and the new ones go' -r -f -a "(__fish_complete_directories)"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand certs; and __fish_seen_subcommand_from client" -l days -d 'For how long it counts' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand certs; and __fish_seen_subcommand_from client" -l endpoint -d 'A node to begin with, any member will do; repeat it or separate with commas. Without it ELASTICKV_ENDPOINT counts, and without that 127.0.0.1:50051' -r -f -a "(__fish_print_hostnames)"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand certs; and __fish_seen_subcommand_from client" -l tls-ca -d 'The authorities whose certificates servers must have (PEM); with it, connections are encrypted' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand certs; and __fish_seen_subcommand_from client" -l tls-cert -d 'This user\'s certificate (PEM), with --tls-key' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand certs; and __fish_seen_subcommand_from client" -l tls-key -d 'The key of the certificate, in a file for its owner alone' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand certs; and __fish_seen_subcommand_from client" -l tls-server-name -d 'The name that servers\' certificates are to be for, where it is not the host that is dialled' -r -f -a "(__fish_print_hostnames)"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand certs; and __fish_seen_subcommand_from client" -l token-file -d 'A file for its owner alone that holds a token' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand certs; and __fish_seen_subcommand_from client" -l timeout -d 'Longest time for one call; by default 2s for questions about state, 5s for reads, 10s for writes' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand certs; and __fish_seen_subcommand_from client" -l deadline -d 'Longest time for the whole command, repetitions included; by default 10s, 5m where work takes long' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand certs; and __fish_seen_subcommand_from client" -s o -l output -d 'How the result is written' -r -f -a "table\t''
wide\t''
short\t''
json\t''
yaml\t''
ndjson\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand certs; and __fish_seen_subcommand_from client" -l color -d 'When to use colours; auto means on a terminal, unless NO_COLOR is set or TERM is dumb' -r -f -a "auto\t''
always\t''
never\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand certs; and __fish_seen_subcommand_from client" -l progress -d 'How to tell on standard error what a long command waits for' -r -f -a "auto\t''
plain\t''
json\t''
off\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand certs; and __fish_seen_subcommand_from client" -l ascii -d 'Use ASCII letters only'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand certs; and __fish_seen_subcommand_from client" -s h -l help -d 'Print help'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand certs; and __fish_seen_subcommand_from client" -s V -l version -d 'Print version'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand certs; and __fish_seen_subcommand_from token" -l dir -d 'Where it goes' -r -f -a "(__fish_complete_directories)"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand certs; and __fish_seen_subcommand_from token" -l endpoint -d 'A node to begin with, any member will do; repeat it or separate with commas. Without it ELASTICKV_ENDPOINT counts, and without that 127.0.0.1:50051' -r -f -a "(__fish_print_hostnames)"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand certs; and __fish_seen_subcommand_from token" -l tls-ca -d 'The authorities whose certificates servers must have (PEM); with it, connections are encrypted' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand certs; and __fish_seen_subcommand_from token" -l tls-cert -d 'This user\'s certificate (PEM), with --tls-key' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand certs; and __fish_seen_subcommand_from token" -l tls-key -d 'The key of the certificate, in a file for its owner alone' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand certs; and __fish_seen_subcommand_from token" -l tls-server-name -d 'The name that servers\' certificates are to be for, where it is not the host that is dialled' -r -f -a "(__fish_print_hostnames)"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand certs; and __fish_seen_subcommand_from token" -l token-file -d 'A file for its owner alone that holds a token' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand certs; and __fish_seen_subcommand_from token" -l timeout -d 'Longest time for one call; by default 2s for questions about state, 5s for reads, 10s for writes' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand certs; and __fish_seen_subcommand_from token" -l deadline -d 'Longest time for the whole command, repetitions included; by default 10s, 5m where work takes long' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand certs; and __fish_seen_subcommand_from token" -s o -l output -d 'How the result is written' -r -f -a "table\t''
wide\t''
short\t''
json\t''
yaml\t''
ndjson\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand certs; and __fish_seen_subcommand_from token" -l color -d 'When to use colours; auto means on a terminal, unless NO_COLOR is set or TERM is dumb' -r -f -a "auto\t''
always\t''
never\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand certs; and __fish_seen_subcommand_from token" -l progress -d 'How to tell on standard error what a long command waits for' -r -f -a "auto\t''
plain\t''
json\t''
off\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand certs; and __fish_seen_subcommand_from token" -l ascii -d 'Use ASCII letters only'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand certs; and __fish_seen_subcommand_from token" -s h -l help -d 'Print help'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand certs; and __fish_seen_subcommand_from token" -s V -l version -d 'Print version'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand backup; and not __fish_seen_subcommand_from create verify needs-keys restore" -l endpoint -d 'A node to begin with, any member will do; repeat it or separate with commas. Without it ELASTICKV_ENDPOINT counts, and without that 127.0.0.1:50051' -r -f -a "(__fish_print_hostnames)"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand backup; and not __fish_seen_subcommand_from create verify needs-keys restore" -l tls-ca -d 'The authorities whose certificates servers must have (PEM); with it, connections are encrypted' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand backup; and not __fish_seen_subcommand_from create verify needs-keys restore" -l tls-cert -d 'This user\'s certificate (PEM), with --tls-key' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand backup; and not __fish_seen_subcommand_from create verify needs-keys restore" -l tls-key -d 'The key of the certificate, in a file for its owner alone' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand backup; and not __fish_seen_subcommand_from create verify needs-keys restore" -l tls-server-name -d 'The name that servers\' certificates are to be for, where it is not the host that is dialled' -r -f -a "(__fish_print_hostnames)"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand backup; and not __fish_seen_subcommand_from create verify needs-keys restore" -l token-file -d 'A file for its owner alone that holds a token' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand backup; and not __fish_seen_subcommand_from create verify needs-keys restore" -l timeout -d 'Longest time for one call; by default 2s for questions about state, 5s for reads, 10s for writes' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand backup; and not __fish_seen_subcommand_from create verify needs-keys restore" -l deadline -d 'Longest time for the whole command, repetitions included; by default 10s, 5m where work takes long' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand backup; and not __fish_seen_subcommand_from create verify needs-keys restore" -s o -l output -d 'How the result is written' -r -f -a "table\t''
wide\t''
short\t''
json\t''
yaml\t''
ndjson\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand backup; and not __fish_seen_subcommand_from create verify needs-keys restore" -l color -d 'When to use colours; auto means on a terminal, unless NO_COLOR is set or TERM is dumb' -r -f -a "auto\t''
always\t''
never\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand backup; and not __fish_seen_subcommand_from create verify needs-keys restore" -l progress -d 'How to tell on standard error what a long command waits for' -r -f -a "auto\t''
plain\t''
json\t''
off\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand backup; and not __fish_seen_subcommand_from create verify needs-keys restore" -l ascii -d 'Use ASCII letters only'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand backup; and not __fish_seen_subcommand_from create verify needs-keys restore" -s h -l help -d 'Print help'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand backup; and not __fish_seen_subcommand_from create verify needs-keys restore" -s V -l version -d 'Print version'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand backup; and not __fish_seen_subcommand_from create verify needs-keys restore" -f -a "create" -d 'Fetch all that a running cluster holds, as of one moment, into a new directory'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand backup; and not __fish_seen_subcommand_from create verify needs-keys restore" -f -a "verify" -d 'Look through a backup, without a cluster; exit 9 when it is not what was written'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand backup; and not __fish_seen_subcommand_from create verify needs-keys restore" -f -a "needs-keys" -d 'Tell which keys a backup needs, and who wrapped them'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand backup; and not __fish_seen_subcommand_from create verify needs-keys restore" -f -a "restore" -d 'Make a data directory of a backup: the first node of a new cluster'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand backup; and __fish_seen_subcommand_from create" -l rate -d 'Fetch no faster than this, such as 50MiB/s' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand backup; and __fish_seen_subcommand_from create" -l expect-cluster -d 'Refuse unless the cluster has this name' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand backup; and __fish_seen_subcommand_from create" -l endpoint -d 'A node to begin with, any member will do; repeat it or separate with commas. Without it ELASTICKV_ENDPOINT counts, and without that 127.0.0.1:50051' -r -f -a "(__fish_print_hostnames)"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand backup; and __fish_seen_subcommand_from create" -l tls-ca -d 'The authorities whose certificates servers must have (PEM); with it, connections are encrypted' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand backup; and __fish_seen_subcommand_from create" -l tls-cert -d 'This user\'s certificate (PEM), with --tls-key' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand backup; and __fish_seen_subcommand_from create" -l tls-key -d 'The key of the certificate, in a file for its owner alone' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand backup; and __fish_seen_subcommand_from create" -l tls-server-name -d 'The name that servers\' certificates are to be for, where it is not the host that is dialled' -r -f -a "(__fish_print_hostnames)"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand backup; and __fish_seen_subcommand_from create" -l token-file -d 'A file for its owner alone that holds a token' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand backup; and __fish_seen_subcommand_from create" -l timeout -d 'Longest time for one call; by default 2s for questions about state, 5s for reads, 10s for writes' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand backup; and __fish_seen_subcommand_from create" -l deadline -d 'Longest time for the whole command, repetitions included; by default 10s, 5m where work takes long' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand backup; and __fish_seen_subcommand_from create" -s o -l output -d 'How the result is written' -r -f -a "table\t''
wide\t''
short\t''
json\t''
yaml\t''
ndjson\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand backup; and __fish_seen_subcommand_from create" -l color -d 'When to use colours; auto means on a terminal, unless NO_COLOR is set or TERM is dumb' -r -f -a "auto\t''
always\t''
never\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand backup; and __fish_seen_subcommand_from create" -l progress -d 'How to tell on standard error what a long command waits for' -r -f -a "auto\t''
plain\t''
json\t''
off\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand backup; and __fish_seen_subcommand_from create" -l resume -d 'Go on with one that was not finished'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand backup; and __fish_seen_subcommand_from create" -l ascii -d 'Use ASCII letters only'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand backup; and __fish_seen_subcommand_from create" -s h -l help -d 'Print help'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand backup; and __fish_seen_subcommand_from create" -s V -l version -d 'Print version'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand backup; and __fish_seen_subcommand_from verify" -l kek -d 'Where the wrapping key is: file:/path or env:NAME' -r -f
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand backup; and __fish_seen_subcommand_from verify" -l rate -d 'Read no faster than this, such as 50MiB/s' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand backup; and __fish_seen_subcommand_from verify" -l endpoint -d 'A node to begin with, any member will do; repeat it or separate with commas. Without it ELASTICKV_ENDPOINT counts, and without that 127.0.0.1:50051' -r -f -a "(__fish_print_hostnames)"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand backup; and __fish_seen_subcommand_from verify" -l tls-ca -d 'The authorities whose certificates servers must have (PEM); with it, connections are encrypted' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand backup; and __fish_seen_subcommand_from verify" -l tls-cert -d 'This user\'s certificate (PEM), with --tls-key' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand backup; and __fish_seen_subcommand_from verify" -l tls-key -d 'The key of the certificate, in a file for its owner alone' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand backup; and __fish_seen_subcommand_from verify" -l tls-server-name -d 'The name that servers\' certificates are to be for, where it is not the host that is dialled' -r -f -a "(__fish_print_hostnames)"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand backup; and __fish_seen_subcommand_from verify" -l token-file -d 'A file for its owner alone that holds a token' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand backup; and __fish_seen_subcommand_from verify" -l timeout -d 'Longest time for one call; by default 2s for questions about state, 5s for reads, 10s for writes' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand backup; and __fish_seen_subcommand_from verify" -l deadline -d 'Longest time for the whole command, repetitions included; by default 10s, 5m where work takes long' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand backup; and __fish_seen_subcommand_from verify" -s o -l output -d 'How the result is written' -r -f -a "table\t''
wide\t''
short\t''
json\t''
yaml\t''
ndjson\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand backup; and __fish_seen_subcommand_from verify" -l color -d 'When to use colours; auto means on a terminal, unless NO_COLOR is set or TERM is dumb' -r -f -a "auto\t''
always\t''
never\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand backup; and __fish_seen_subcommand_from verify" -l progress -d 'How to tell on standard error what a long command waits for' -r -f -a "auto\t''
plain\t''
json\t''
off\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand backup; and __fish_seen_subcommand_from verify" -l ascii -d 'Use ASCII letters only'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand backup; and __fish_seen_subcommand_from verify" -s h -l help -d 'Print help'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand backup; and __fish_seen_subcommand_from verify" -s V -l version -d 'Print version'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand backup; and __fish_seen_subcommand_from needs-keys" -l endpoint -d 'A node to begin with, any member will do; repeat it or separate with commas. Without it ELASTICKV_ENDPOINT counts, and without that 127.0.0.1:50051' -r -f -a "(__fish_print_hostnames)"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand backup; and __fish_seen_subcommand_from needs-keys" -l tls-ca -d 'The authorities whose certificates servers must have (PEM); with it, connections are encrypted' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand backup; and __fish_seen_subcommand_from needs-keys" -l tls-cert -d 'This user\'s certificate (PEM), with --tls-key' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand backup; and __fish_seen_subcommand_from needs-keys" -l tls-key -d 'The key of the certificate, in a file for its owner alone' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand backup; and __fish_seen_subcommand_from needs-keys" -l tls-server-name -d 'The name that servers\' certificates are to be for, where it is not the host that is dialled' -r -f -a "(__fish_print_hostnames)"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand backup; and __fish_seen_subcommand_from needs-keys" -l token-file -d 'A file for its owner alone that holds a token' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand backup; and __fish_seen_subcommand_from needs-keys" -l timeout -d 'Longest time for one call; by default 2s for questions about state, 5s for reads, 10s for writes' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand backup; and __fish_seen_subcommand_from needs-keys" -l deadline -d 'Longest time for the whole command, repetitions included; by default 10s, 5m where work takes long' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand backup; and __fish_seen_subcommand_from needs-keys" -s o -l output -d 'How the result is written' -r -f -a "table\t''
wide\t''
short\t''
json\t''
yaml\t''
ndjson\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand backup; and __fish_seen_subcommand_from needs-keys" -l color -d 'When to use colours; auto means on a terminal, unless NO_COLOR is set or TERM is dumb' -r -f -a "auto\t''
always\t''
never\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand backup; and __fish_seen_subcommand_from needs-keys" -l progress -d 'How to tell on standard error what a long command waits for' -r -f -a "auto\t''
plain\t''
json\t''
off\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand backup; and __fish_seen_subcommand_from needs-keys" -l ascii -d 'Use ASCII letters only'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand backup; and __fish_seen_subcommand_from needs-keys" -s h -l help -d 'Print help'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand backup; and __fish_seen_subcommand_from needs-keys" -s V -l version -d 'Print version'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand backup; and __fish_seen_subcommand_from restore" -l data-dir -d 'The data directory to fill; it is made, or has to be empty' -r -f -a "(__fish_complete_directories)"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand backup; and __fish_seen_subcommand_from restore" -l node-name -d 'What the node is called; one that the cluster of the backup never had is best' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand backup; and __fish_seen_subcommand_from restore" -l address -d 'Where others will reach it' -r -f -a "(__fish_print_hostnames)"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand backup; and __fish_seen_subcommand_from restore" -l cluster-name -d 'What the new cluster is called' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand backup; and __fish_seen_subcommand_from restore" -l kek -d 'Where the wrapping key is: file:/path or env:NAME; needed when the backup has keys' -r -f
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand backup; and __fish_seen_subcommand_from restore" -l rate -d 'Copy no faster than this, such as 50MiB/s' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand backup; and __fish_seen_subcommand_from restore" -l endpoint -d 'A node to begin with, any member will do; repeat it or separate with commas. Without it ELASTICKV_ENDPOINT counts, and without that 127.0.0.1:50051' -r -f -a "(__fish_print_hostnames)"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand backup; and __fish_seen_subcommand_from restore" -l tls-ca -d 'The authorities whose certificates servers must have (PEM); with it, connections are encrypted' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand backup; and __fish_seen_subcommand_from restore" -l tls-cert -d 'This user\'s certificate (PEM), with --tls-key' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand backup; and __fish_seen_subcommand_from restore" -l tls-key -d 'The key of the certificate, in a file for its owner alone' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand backup; and __fish_seen_subcommand_from restore" -l tls-server-name -d 'The name that servers\' certificates are to be for, where it is not the host that is dialled' -r -f -a "(__fish_print_hostnames)"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand backup; and __fish_seen_subcommand_from restore" -l token-file -d 'A file for its owner alone that holds a token' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand backup; and __fish_seen_subcommand_from restore" -l timeout -d 'Longest time for one call; by default 2s for questions about state, 5s for reads, 10s for writes' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand backup; and __fish_seen_subcommand_from restore" -l deadline -d 'Longest time for the whole command, repetitions included; by default 10s, 5m where work takes long' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand backup; and __fish_seen_subcommand_from restore" -s o -l output -d 'How the result is written' -r -f -a "table\t''
wide\t''
short\t''
json\t''
yaml\t''
ndjson\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand backup; and __fish_seen_subcommand_from restore" -l color -d 'When to use colours; auto means on a terminal, unless NO_COLOR is set or TERM is dumb' -r -f -a "auto\t''
always\t''
never\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand backup; and __fish_seen_subcommand_from restore" -l progress -d 'How to tell on standard error what a long command waits for' -r -f -a "auto\t''
plain\t''
json\t''
off\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand backup; and __fish_seen_subcommand_from restore" -l ascii -d 'Use ASCII letters only'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand backup; and __fish_seen_subcommand_from restore" -s h -l help -d 'Print help'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand backup; and __fish_seen_subcommand_from restore" -s V -l version -d 'Print version'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand scan; and not __fish_seen_subcommand_from leak" -l endpoint -d 'A node to begin with, any member will do; repeat it or separate with commas. Without it ELASTICKV_ENDPOINT counts, and without that 127.0.0.1:50051' -r -f -a "(__fish_print_hostnames)"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand scan; and not __fish_seen_subcommand_from leak" -l tls-ca -d 'The authorities whose certificates servers must have (PEM); with it, connections are encrypted' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand scan; and not __fish_seen_subcommand_from leak" -l tls-cert -d 'This user\'s certificate (PEM), with --tls-key' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand scan; and not __fish_seen_subcommand_from leak" -l tls-key -d 'The key of the certificate, in a file for its owner alone' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand scan; and not __fish_seen_subcommand_from leak" -l tls-server-name -d 'The name that servers\' certificates are to be for, where it is not the host that is dialled' -r -f -a "(__fish_print_hostnames)"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand scan; and not __fish_seen_subcommand_from leak" -l token-file -d 'A file for its owner alone that holds a token' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand scan; and not __fish_seen_subcommand_from leak" -l timeout -d 'Longest time for one call; by default 2s for questions about state, 5s for reads, 10s for writes' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand scan; and not __fish_seen_subcommand_from leak" -l deadline -d 'Longest time for the whole command, repetitions included; by default 10s, 5m where work takes long' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand scan; and not __fish_seen_subcommand_from leak" -s o -l output -d 'How the result is written' -r -f -a "table\t''
wide\t''
short\t''
json\t''
yaml\t''
ndjson\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand scan; and not __fish_seen_subcommand_from leak" -l color -d 'When to use colours; auto means on a terminal, unless NO_COLOR is set or TERM is dumb' -r -f -a "auto\t''
always\t''
never\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand scan; and not __fish_seen_subcommand_from leak" -l progress -d 'How to tell on standard error what a long command waits for' -r -f -a "auto\t''
plain\t''
json\t''
off\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand scan; and not __fish_seen_subcommand_from leak" -l ascii -d 'Use ASCII letters only'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand scan; and not __fish_seen_subcommand_from leak" -s h -l help -d 'Print help'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand scan; and not __fish_seen_subcommand_from leak" -s V -l version -d 'Print version'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand scan; and not __fish_seen_subcommand_from leak" -f -a "leak" -d 'Look for planted bytes in every file of a node that is stopped; exit 9 when one is found'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand scan; and __fish_seen_subcommand_from leak" -l data-dir -d 'The directory to search, with all below it' -r -f -a "(__fish_complete_directories)"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand scan; and __fish_seen_subcommand_from leak" -l canary-file -d 'The file that names the canaries' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand scan; and __fish_seen_subcommand_from leak" -l rate -d 'Read no faster than this, such as 50MiB/s' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand scan; and __fish_seen_subcommand_from leak" -l endpoint -d 'A node to begin with, any member will do; repeat it or separate with commas. Without it ELASTICKV_ENDPOINT counts, and without that 127.0.0.1:50051' -r -f -a "(__fish_print_hostnames)"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand scan; and __fish_seen_subcommand_from leak" -l tls-ca -d 'The authorities whose certificates servers must have (PEM); with it, connections are encrypted' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand scan; and __fish_seen_subcommand_from leak" -l tls-cert -d 'This user\'s certificate (PEM), with --tls-key' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand scan; and __fish_seen_subcommand_from leak" -l tls-key -d 'The key of the certificate, in a file for its owner alone' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand scan; and __fish_seen_subcommand_from leak" -l tls-server-name -d 'The name that servers\' certificates are to be for, where it is not the host that is dialled' -r -f -a "(__fish_print_hostnames)"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand scan; and __fish_seen_subcommand_from leak" -l token-file -d 'A file for its owner alone that holds a token' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand scan; and __fish_seen_subcommand_from leak" -l timeout -d 'Longest time for one call; by default 2s for questions about state, 5s for reads, 10s for writes' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand scan; and __fish_seen_subcommand_from leak" -l deadline -d 'Longest time for the whole command, repetitions included; by default 10s, 5m where work takes long' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand scan; and __fish_seen_subcommand_from leak" -s o -l output -d 'How the result is written' -r -f -a "table\t''
wide\t''
short\t''
json\t''
yaml\t''
ndjson\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand scan; and __fish_seen_subcommand_from leak" -l color -d 'When to use colours; auto means on a terminal, unless NO_COLOR is set or TERM is dumb' -r -f -a "auto\t''
always\t''
never\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand scan; and __fish_seen_subcommand_from leak" -l progress -d 'How to tell on standard error what a long command waits for' -r -f -a "auto\t''
plain\t''
json\t''
off\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand scan; and __fish_seen_subcommand_from leak" -l ascii -d 'Use ASCII letters only'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand scan; and __fish_seen_subcommand_from leak" -s h -l help -d 'Print help'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand scan; and __fish_seen_subcommand_from leak" -s V -l version -d 'Print version'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand version" -l endpoint -d 'A node to begin with, any member will do; repeat it or separate with commas. Without it ELASTICKV_ENDPOINT counts, and without that 127.0.0.1:50051' -r -f -a "(__fish_print_hostnames)"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand version" -l tls-ca -d 'The authorities whose certificates servers must have (PEM); with it, connections are encrypted' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand version" -l tls-cert -d 'This user\'s certificate (PEM), with --tls-key' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand version" -l tls-key -d 'The key of the certificate, in a file for its owner alone' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand version" -l tls-server-name -d 'The name that servers\' certificates are to be for, where it is not the host that is dialled' -r -f -a "(__fish_print_hostnames)"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand version" -l token-file -d 'A file for its owner alone that holds a token' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand version" -l timeout -d 'Longest time for one call; by default 2s for questions about state, 5s for reads, 10s for writes' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand version" -l deadline -d 'Longest time for the whole command, repetitions included; by default 10s, 5m where work takes long' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand version" -s o -l output -d 'How the result is written' -r -f -a "table\t''
wide\t''
short\t''
json\t''
yaml\t''
ndjson\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand version" -l color -d 'When to use colours; auto means on a terminal, unless NO_COLOR is set or TERM is dumb' -r -f -a "auto\t''
always\t''
never\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand version" -l progress -d 'How to tell on standard error what a long command waits for' -r -f -a "auto\t''
plain\t''
json\t''
off\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand version" -l ascii -d 'Use ASCII letters only'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand version" -s h -l help -d 'Print help'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand version" -s V -l version -d 'Print version'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand explain" -l endpoint -d 'A node to begin with, any member will do; repeat it or separate with commas. Without it ELASTICKV_ENDPOINT counts, and without that 127.0.0.1:50051' -r -f -a "(__fish_print_hostnames)"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand explain" -l tls-ca -d 'The authorities whose certificates servers must have (PEM); with it, connections are encrypted' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand explain" -l tls-cert -d 'This user\'s certificate (PEM), with --tls-key' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand explain" -l tls-key -d 'The key of the certificate, in a file for its owner alone' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand explain" -l tls-server-name -d 'The name that servers\' certificates are to be for, where it is not the host that is dialled' -r -f -a "(__fish_print_hostnames)"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand explain" -l token-file -d 'A file for its owner alone that holds a token' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand explain" -l timeout -d 'Longest time for one call; by default 2s for questions about state, 5s for reads, 10s for writes' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand explain" -l deadline -d 'Longest time for the whole command, repetitions included; by default 10s, 5m where work takes long' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand explain" -s o -l output -d 'How the result is written' -r -f -a "table\t''
wide\t''
short\t''
json\t''
yaml\t''
ndjson\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand explain" -l color -d 'When to use colours; auto means on a terminal, unless NO_COLOR is set or TERM is dumb' -r -f -a "auto\t''
always\t''
never\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand explain" -l progress -d 'How to tell on standard error what a long command waits for' -r -f -a "auto\t''
plain\t''
json\t''
off\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand explain" -l ascii -d 'Use ASCII letters only'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand explain" -s h -l help -d 'Print help'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand explain" -s V -l version -d 'Print version'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand completions" -l endpoint -d 'A node to begin with, any member will do; repeat it or separate with commas. Without it ELASTICKV_ENDPOINT counts, and without that 127.0.0.1:50051' -r -f -a "(__fish_print_hostnames)"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand completions" -l tls-ca -d 'The authorities whose certificates servers must have (PEM); with it, connections are encrypted' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand completions" -l tls-cert -d 'This user\'s certificate (PEM), with --tls-key' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand completions" -l tls-key -d 'The key of the certificate, in a file for its owner alone' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand completions" -l tls-server-name -d 'The name that servers\' certificates are to be for, where it is not the host that is dialled' -r -f -a "(__fish_print_hostnames)"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand completions" -l token-file -d 'A file for its owner alone that holds a token' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand completions" -l timeout -d 'Longest time for one call; by default 2s for questions about state, 5s for reads, 10s for writes' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand completions" -l deadline -d 'Longest time for the whole command, repetitions included; by default 10s, 5m where work takes long' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand completions" -s o -l output -d 'How the result is written' -r -f -a "table\t''
wide\t''
short\t''
json\t''
yaml\t''
ndjson\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand completions" -l color -d 'When to use colours; auto means on a terminal, unless NO_COLOR is set or TERM is dumb' -r -f -a "auto\t''
always\t''
never\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand completions" -l progress -d 'How to tell on standard error what a long command waits for' -r -f -a "auto\t''
plain\t''
json\t''
off\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand completions" -l ascii -d 'Use ASCII letters only'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand completions" -s h -l help -d 'Print help'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand completions" -s V -l version -d 'Print version'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand man" -l endpoint -d 'A node to begin with, any member will do; repeat it or separate with commas. Without it ELASTICKV_ENDPOINT counts, and without that 127.0.0.1:50051' -r -f -a "(__fish_print_hostnames)"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand man" -l tls-ca -d 'The authorities whose certificates servers must have (PEM); with it, connections are encrypted' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand man" -l tls-cert -d 'This user\'s certificate (PEM), with --tls-key' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand man" -l tls-key -d 'The key of the certificate, in a file for its owner alone' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand man" -l tls-server-name -d 'The name that servers\' certificates are to be for, where it is not the host that is dialled' -r -f -a "(__fish_print_hostnames)"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand man" -l token-file -d 'A file for its owner alone that holds a token' -r -F
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand man" -l timeout -d 'Longest time for one call; by default 2s for questions about state, 5s for reads, 10s for writes' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand man" -l deadline -d 'Longest time for the whole command, repetitions included; by default 10s, 5m where work takes long' -r
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand man" -s o -l output -d 'How the result is written' -r -f -a "table\t''
wide\t''
short\t''
json\t''
yaml\t''
ndjson\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand man" -l color -d 'When to use colours; auto means on a terminal, unless NO_COLOR is set or TERM is dumb' -r -f -a "auto\t''
always\t''
never\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand man" -l progress -d 'How to tell on standard error what a long command waits for' -r -f -a "auto\t''
plain\t''
json\t''
off\t''"
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand man" -l ascii -d 'Use ASCII letters only'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand man" -s h -l help -d 'Print help'
complete -c elastickv-admin -n "__fish_elastickv_admin_using_subcommand man" -s V -l version -d 'Print version'
