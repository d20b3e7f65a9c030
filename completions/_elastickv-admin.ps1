
using namespace System.Management.Automation
using namespace System.Management.Automation.Language

Register-ArgumentCompleter -Native -CommandName 'elastickv-admin' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $commandElements = $commandAst.CommandElements
    $command = @(
        'elastickv-admin'
        for ($i = 1; $i -lt $commandElements.Count; $i++) {
            $element = $commandElements[$i]
            if ($element -isnot [StringConstantExpressionAst] -or
                $element.StringConstantType -ne [StringConstantType]::BareWord -or
                $element.Value.StartsWith('-') -or
                $element.Value -eq $wordToComplete) {
                break
        }
        $element.Value
    }) -join ';'

    $completions = @(switch ($command) {
        'elastickv-admin' {
            [CompletionResult]::new('--endpoint', '--endpoint', [CompletionResultType]::ParameterName, 'A node to begin with, any member will do; repeat it or separate with commas. Without it ELASTICKV_ENDPOINT counts, and without that 127.0.0.1:50051')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Longest time for one call; by default 2s for questions about state, 5s for reads, 10s for writes')
            [CompletionResult]::new('--deadline', '--deadline', [CompletionResultType]::ParameterName, 'Longest time for the whole command, repetitions included; by default 10s, 5m where work takes long')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How the result is written')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How the result is written')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; auto means on a terminal, unless NO_COLOR is set or TERM is dumb')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'How to tell on standard error what a long command waits for')
            [CompletionResult]::new('--ascii', '--ascii', [CompletionResultType]::ParameterName, 'Use ASCII letters only')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('cluster', 'cluster', [CompletionResultType]::ParameterValue, 'Members, leadership, health, snapshots')
            [CompletionResult]::new('kv', 'kv', [CompletionResultType]::ParameterValue, 'Read and write keys')
            [CompletionResult]::new('encryption', 'encryption', [CompletionResultType]::ParameterValue, 'Keys, envelopes and the ids they depend on')
            [CompletionResult]::new('kms', 'kms', [CompletionResultType]::ParameterValue, 'Keys that wrap the data keys: make one, try one')
            [CompletionResult]::new('version', 'version', [CompletionResultType]::ParameterValue, 'Print the version of this program, its build and the formats it knows')
            [CompletionResult]::new('explain', 'explain', [CompletionResultType]::ParameterValue, 'Tell what an error code means and what to do about it; works without a cluster')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print a completion script for a shell')
            [CompletionResult]::new('man', 'man', [CompletionResultType]::ParameterValue, 'Write the manual pages into a directory')
            break
        }
        'elastickv-admin;cluster' {
            [CompletionResult]::new('--endpoint', '--endpoint', [CompletionResultType]::ParameterName, 'A node to begin with, any member will do; repeat it or separate with commas. Without it ELASTICKV_ENDPOINT counts, and without that 127.0.0.1:50051')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Longest time for one call; by default 2s for questions about state, 5s for reads, 10s for writes')
            [CompletionResult]::new('--deadline', '--deadline', [CompletionResultType]::ParameterName, 'Longest time for the whole command, repetitions included; by default 10s, 5m where work takes long')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How the result is written')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How the result is written')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; auto means on a terminal, unless NO_COLOR is set or TERM is dumb')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'How to tell on standard error what a long command waits for')
            [CompletionResult]::new('--ascii', '--ascii', [CompletionResultType]::ParameterName, 'Use ASCII letters only')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Every member at a glance: role, health, progress, disk, build')
            [CompletionResult]::new('members', 'members', [CompletionResultType]::ParameterValue, 'Who belongs to the cluster, as its leader has it')
            [CompletionResult]::new('add-learner', 'add-learner', [CompletionResultType]::ParameterValue, 'Add a node that waits to be invited (started with --join), without a vote')
            [CompletionResult]::new('promote', 'promote', [CompletionResultType]::ParameterValue, 'Give a learner a vote')
            [CompletionResult]::new('remove', 'remove', [CompletionResultType]::ParameterValue, 'Take a node out of the cluster for good; its name can never be used again')
            [CompletionResult]::new('transfer-leader', 'transfer-leader', [CompletionResultType]::ParameterValue, 'Hand leadership to another voter')
            [CompletionResult]::new('snapshot', 'snapshot', [CompletionResultType]::ParameterValue, 'Make members write a snapshot now and, if asked, drop the log it covers')
            [CompletionResult]::new('digest', 'digest', [CompletionResultType]::ParameterValue, 'Compare what the replicas hold; exit 9 when two differ')
            [CompletionResult]::new('drain', 'drain', [CompletionResultType]::ParameterValue, 'Take a node out of service, for maintenance: it hands leadership away and reports not ready')
            [CompletionResult]::new('undrain', 'undrain', [CompletionResultType]::ParameterValue, 'Put a drained node back into service')
            [CompletionResult]::new('wait', 'wait', [CompletionResultType]::ParameterValue, 'Wait until something holds; exit 8 when the time is over')
            break
        }
        'elastickv-admin;cluster;status' {
            [CompletionResult]::new('--fail-on', '--fail-on', [CompletionResultType]::ParameterName, 'Exit with 4 when there is anything to warn about')
            [CompletionResult]::new('--endpoint', '--endpoint', [CompletionResultType]::ParameterName, 'A node to begin with, any member will do; repeat it or separate with commas. Without it ELASTICKV_ENDPOINT counts, and without that 127.0.0.1:50051')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Longest time for one call; by default 2s for questions about state, 5s for reads, 10s for writes')
            [CompletionResult]::new('--deadline', '--deadline', [CompletionResultType]::ParameterName, 'Longest time for the whole command, repetitions included; by default 10s, 5m where work takes long')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How the result is written')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How the result is written')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; auto means on a terminal, unless NO_COLOR is set or TERM is dumb')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'How to tell on standard error what a long command waits for')
            [CompletionResult]::new('--ascii', '--ascii', [CompletionResultType]::ParameterName, 'Use ASCII letters only')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'elastickv-admin;cluster;members' {
            [CompletionResult]::new('--endpoint', '--endpoint', [CompletionResultType]::ParameterName, 'A node to begin with, any member will do; repeat it or separate with commas. Without it ELASTICKV_ENDPOINT counts, and without that 127.0.0.1:50051')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Longest time for one call; by default 2s for questions about state, 5s for reads, 10s for writes')
            [CompletionResult]::new('--deadline', '--deadline', [CompletionResultType]::ParameterName, 'Longest time for the whole command, repetitions included; by default 10s, 5m where work takes long')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How the result is written')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How the result is written')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; auto means on a terminal, unless NO_COLOR is set or TERM is dumb')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'How to tell on standard error what a long command waits for')
            [CompletionResult]::new('--ascii', '--ascii', [CompletionResultType]::ParameterName, 'Use ASCII letters only')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'elastickv-admin;cluster;add-learner' {
            [CompletionResult]::new('--previous-index', '--previous-index', [CompletionResultType]::ParameterName, 'Refuse unless the membership has this index; by default the one this command has just read')
            [CompletionResult]::new('--op-id', '--op-id', [CompletionResultType]::ParameterName, 'Names this operation; give the id that was printed when repeating one whose outcome is unknown')
            [CompletionResult]::new('--expect-cluster', '--expect-cluster', [CompletionResultType]::ParameterName, 'Refuse unless the cluster has this name')
            [CompletionResult]::new('--endpoint', '--endpoint', [CompletionResultType]::ParameterName, 'A node to begin with, any member will do; repeat it or separate with commas. Without it ELASTICKV_ENDPOINT counts, and without that 127.0.0.1:50051')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Longest time for one call; by default 2s for questions about state, 5s for reads, 10s for writes')
            [CompletionResult]::new('--deadline', '--deadline', [CompletionResultType]::ParameterName, 'Longest time for the whole command, repetitions included; by default 10s, 5m where work takes long')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How the result is written')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How the result is written')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; auto means on a terminal, unless NO_COLOR is set or TERM is dumb')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'How to tell on standard error what a long command waits for')
            [CompletionResult]::new('--detailed-exit-code', '--detailed-exit-code', [CompletionResultType]::ParameterName, 'Exit with 10 when nothing needed doing')
            [CompletionResult]::new('--ascii', '--ascii', [CompletionResultType]::ParameterName, 'Use ASCII letters only')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'elastickv-admin;cluster;promote' {
            [CompletionResult]::new('--min-applied-index', '--min-applied-index', [CompletionResultType]::ParameterName, 'Refuse unless it has applied this entry')
            [CompletionResult]::new('--previous-index', '--previous-index', [CompletionResultType]::ParameterName, 'Refuse unless the membership has this index; by default the one this command has just read')
            [CompletionResult]::new('--op-id', '--op-id', [CompletionResultType]::ParameterName, 'Names this operation; give the id that was printed when repeating one whose outcome is unknown')
            [CompletionResult]::new('--expect-cluster', '--expect-cluster', [CompletionResultType]::ParameterName, 'Refuse unless the cluster has this name')
            [CompletionResult]::new('--endpoint', '--endpoint', [CompletionResultType]::ParameterName, 'A node to begin with, any member will do; repeat it or separate with commas. Without it ELASTICKV_ENDPOINT counts, and without that 127.0.0.1:50051')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Longest time for one call; by default 2s for questions about state, 5s for reads, 10s for writes')
            [CompletionResult]::new('--deadline', '--deadline', [CompletionResultType]::ParameterName, 'Longest time for the whole command, repetitions included; by default 10s, 5m where work takes long')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How the result is written')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How the result is written')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; auto means on a terminal, unless NO_COLOR is set or TERM is dumb')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'How to tell on standard error what a long command waits for')
            [CompletionResult]::new('--even-if-lagging', '--even-if-lagging', [CompletionResultType]::ParameterName, 'Promote it however far behind it is')
            [CompletionResult]::new('--detailed-exit-code', '--detailed-exit-code', [CompletionResultType]::ParameterName, 'Exit with 10 when nothing needed doing')
            [CompletionResult]::new('--ascii', '--ascii', [CompletionResultType]::ParameterName, 'Use ASCII letters only')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'elastickv-admin;cluster;remove' {
            [CompletionResult]::new('--previous-index', '--previous-index', [CompletionResultType]::ParameterName, 'Refuse unless the membership has this index; by default the one this command has just read')
            [CompletionResult]::new('--op-id', '--op-id', [CompletionResultType]::ParameterName, 'Names this operation; give the id that was printed when repeating one whose outcome is unknown')
            [CompletionResult]::new('--expect-cluster', '--expect-cluster', [CompletionResultType]::ParameterName, 'Refuse unless the cluster has this name')
            [CompletionResult]::new('--endpoint', '--endpoint', [CompletionResultType]::ParameterName, 'A node to begin with, any member will do; repeat it or separate with commas. Without it ELASTICKV_ENDPOINT counts, and without that 127.0.0.1:50051')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Longest time for one call; by default 2s for questions about state, 5s for reads, 10s for writes')
            [CompletionResult]::new('--deadline', '--deadline', [CompletionResultType]::ParameterName, 'Longest time for the whole command, repetitions included; by default 10s, 5m where work takes long')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How the result is written')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How the result is written')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; auto means on a terminal, unless NO_COLOR is set or TERM is dumb')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'How to tell on standard error what a long command waits for')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Do not ask; needs --expect-cluster')
            [CompletionResult]::new('--detailed-exit-code', '--detailed-exit-code', [CompletionResultType]::ParameterName, 'Exit with 10 when nothing needed doing')
            [CompletionResult]::new('--ascii', '--ascii', [CompletionResultType]::ParameterName, 'Use ASCII letters only')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'elastickv-admin;cluster;transfer-leader' {
            [CompletionResult]::new('--max-lag', '--max-lag', [CompletionResultType]::ParameterName, 'Refuse when the successor is more entries behind than this')
            [CompletionResult]::new('--op-id', '--op-id', [CompletionResultType]::ParameterName, 'Names this operation; give the id that was printed when repeating one whose outcome is unknown')
            [CompletionResult]::new('--expect-cluster', '--expect-cluster', [CompletionResultType]::ParameterName, 'Refuse unless the cluster has this name')
            [CompletionResult]::new('--endpoint', '--endpoint', [CompletionResultType]::ParameterName, 'A node to begin with, any member will do; repeat it or separate with commas. Without it ELASTICKV_ENDPOINT counts, and without that 127.0.0.1:50051')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Longest time for one call; by default 2s for questions about state, 5s for reads, 10s for writes')
            [CompletionResult]::new('--deadline', '--deadline', [CompletionResultType]::ParameterName, 'Longest time for the whole command, repetitions included; by default 10s, 5m where work takes long')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How the result is written')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How the result is written')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; auto means on a terminal, unless NO_COLOR is set or TERM is dumb')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'How to tell on standard error what a long command waits for')
            [CompletionResult]::new('--detailed-exit-code', '--detailed-exit-code', [CompletionResultType]::ParameterName, 'Exit with 10 when nothing needed doing')
            [CompletionResult]::new('--ascii', '--ascii', [CompletionResultType]::ParameterName, 'Use ASCII letters only')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'elastickv-admin;cluster;snapshot' {
            [CompletionResult]::new('--member', '--member', [CompletionResultType]::ParameterName, 'On this member, by name or address; may be repeated')
            [CompletionResult]::new('--group', '--group', [CompletionResultType]::ParameterName, 'The group; 1 is the control group')
            [CompletionResult]::new('--endpoint', '--endpoint', [CompletionResultType]::ParameterName, 'A node to begin with, any member will do; repeat it or separate with commas. Without it ELASTICKV_ENDPOINT counts, and without that 127.0.0.1:50051')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Longest time for one call; by default 2s for questions about state, 5s for reads, 10s for writes')
            [CompletionResult]::new('--deadline', '--deadline', [CompletionResultType]::ParameterName, 'Longest time for the whole command, repetitions included; by default 10s, 5m where work takes long')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How the result is written')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How the result is written')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; auto means on a terminal, unless NO_COLOR is set or TERM is dumb')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'How to tell on standard error what a long command waits for')
            [CompletionResult]::new('--purge', '--purge', [CompletionResultType]::ParameterName, 'Drop the part of the log that the snapshot covers')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'On every member')
            [CompletionResult]::new('--ascii', '--ascii', [CompletionResultType]::ParameterName, 'Use ASCII letters only')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'elastickv-admin;cluster;digest' {
            [CompletionResult]::new('--group', '--group', [CompletionResultType]::ParameterName, 'The group; 1 is the control group')
            [CompletionResult]::new('--endpoint', '--endpoint', [CompletionResultType]::ParameterName, 'A node to begin with, any member will do; repeat it or separate with commas. Without it ELASTICKV_ENDPOINT counts, and without that 127.0.0.1:50051')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Longest time for one call; by default 2s for questions about state, 5s for reads, 10s for writes')
            [CompletionResult]::new('--deadline', '--deadline', [CompletionResultType]::ParameterName, 'Longest time for the whole command, repetitions included; by default 10s, 5m where work takes long')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How the result is written')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How the result is written')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; auto means on a terminal, unless NO_COLOR is set or TERM is dumb')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'How to tell on standard error what a long command waits for')
            [CompletionResult]::new('--ascii', '--ascii', [CompletionResultType]::ParameterName, 'Use ASCII letters only')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'elastickv-admin;cluster;drain' {
            [CompletionResult]::new('--op-id', '--op-id', [CompletionResultType]::ParameterName, 'Names this operation; give the id that was printed when repeating one whose outcome is unknown')
            [CompletionResult]::new('--expect-cluster', '--expect-cluster', [CompletionResultType]::ParameterName, 'Refuse unless the cluster has this name')
            [CompletionResult]::new('--endpoint', '--endpoint', [CompletionResultType]::ParameterName, 'A node to begin with, any member will do; repeat it or separate with commas. Without it ELASTICKV_ENDPOINT counts, and without that 127.0.0.1:50051')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Longest time for one call; by default 2s for questions about state, 5s for reads, 10s for writes')
            [CompletionResult]::new('--deadline', '--deadline', [CompletionResultType]::ParameterName, 'Longest time for the whole command, repetitions included; by default 10s, 5m where work takes long')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How the result is written')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How the result is written')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; auto means on a terminal, unless NO_COLOR is set or TERM is dumb')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'How to tell on standard error what a long command waits for')
            [CompletionResult]::new('--detailed-exit-code', '--detailed-exit-code', [CompletionResultType]::ParameterName, 'Exit with 10 when nothing needed doing')
            [CompletionResult]::new('--ascii', '--ascii', [CompletionResultType]::ParameterName, 'Use ASCII letters only')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'elastickv-admin;cluster;undrain' {
            [CompletionResult]::new('--op-id', '--op-id', [CompletionResultType]::ParameterName, 'Names this operation; give the id that was printed when repeating one whose outcome is unknown')
            [CompletionResult]::new('--expect-cluster', '--expect-cluster', [CompletionResultType]::ParameterName, 'Refuse unless the cluster has this name')
            [CompletionResult]::new('--endpoint', '--endpoint', [CompletionResultType]::ParameterName, 'A node to begin with, any member will do; repeat it or separate with commas. Without it ELASTICKV_ENDPOINT counts, and without that 127.0.0.1:50051')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Longest time for one call; by default 2s for questions about state, 5s for reads, 10s for writes')
            [CompletionResult]::new('--deadline', '--deadline', [CompletionResultType]::ParameterName, 'Longest time for the whole command, repetitions included; by default 10s, 5m where work takes long')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How the result is written')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How the result is written')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; auto means on a terminal, unless NO_COLOR is set or TERM is dumb')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'How to tell on standard error what a long command waits for')
            [CompletionResult]::new('--detailed-exit-code', '--detailed-exit-code', [CompletionResultType]::ParameterName, 'Exit with 10 when nothing needed doing')
            [CompletionResult]::new('--ascii', '--ascii', [CompletionResultType]::ParameterName, 'Use ASCII letters only')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'elastickv-admin;cluster;wait' {
            [CompletionResult]::new('--for', '--for', [CompletionResultType]::ParameterName, 'What to wait for; may be repeated, then all of it')
            [CompletionResult]::new('--max-lag', '--max-lag', [CompletionResultType]::ParameterName, 'How many entries behind still counts as caught up')
            [CompletionResult]::new('--endpoint', '--endpoint', [CompletionResultType]::ParameterName, 'A node to begin with, any member will do; repeat it or separate with commas. Without it ELASTICKV_ENDPOINT counts, and without that 127.0.0.1:50051')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Longest time for one call; by default 2s for questions about state, 5s for reads, 10s for writes')
            [CompletionResult]::new('--deadline', '--deadline', [CompletionResultType]::ParameterName, 'Longest time for the whole command, repetitions included; by default 10s, 5m where work takes long')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How the result is written')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How the result is written')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; auto means on a terminal, unless NO_COLOR is set or TERM is dumb')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'How to tell on standard error what a long command waits for')
            [CompletionResult]::new('--ascii', '--ascii', [CompletionResultType]::ParameterName, 'Use ASCII letters only')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'elastickv-admin;kv' {
            [CompletionResult]::new('--endpoint', '--endpoint', [CompletionResultType]::ParameterName, 'A node to begin with, any member will do; repeat it or separate with commas. Without it ELASTICKV_ENDPOINT counts, and without that 127.0.0.1:50051')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Longest time for one call; by default 2s for questions about state, 5s for reads, 10s for writes')
            [CompletionResult]::new('--deadline', '--deadline', [CompletionResultType]::ParameterName, 'Longest time for the whole command, repetitions included; by default 10s, 5m where work takes long')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How the result is written')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How the result is written')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; auto means on a terminal, unless NO_COLOR is set or TERM is dumb')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'How to tell on standard error what a long command waits for')
            [CompletionResult]::new('--ascii', '--ascii', [CompletionResultType]::ParameterName, 'Use ASCII letters only')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('get', 'get', [CompletionResultType]::ParameterValue, 'Print the value of a key')
            [CompletionResult]::new('put', 'put', [CompletionResultType]::ParameterValue, 'Write a value')
            [CompletionResult]::new('delete', 'delete', [CompletionResultType]::ParameterValue, 'Delete a key; deleting one that does not exist is no error')
            [CompletionResult]::new('scan', 'scan', [CompletionResultType]::ParameterValue, 'List keys and values in order')
            break
        }
        'elastickv-admin;kv;get' {
            [CompletionResult]::new('--key-file', '--key-file', [CompletionResultType]::ParameterName, 'Take the key from a file, byte for byte; - is standard input')
            [CompletionResult]::new('--ts', '--ts', [CompletionResultType]::ParameterName, 'Read as of this commit timestamp')
            [CompletionResult]::new('--keys', '--keys', [CompletionResultType]::ParameterName, 'How keys are written')
            [CompletionResult]::new('--values', '--values', [CompletionResultType]::ParameterName, 'How values are written')
            [CompletionResult]::new('--endpoint', '--endpoint', [CompletionResultType]::ParameterName, 'A node to begin with, any member will do; repeat it or separate with commas. Without it ELASTICKV_ENDPOINT counts, and without that 127.0.0.1:50051')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Longest time for one call; by default 2s for questions about state, 5s for reads, 10s for writes')
            [CompletionResult]::new('--deadline', '--deadline', [CompletionResultType]::ParameterName, 'Longest time for the whole command, repetitions included; by default 10s, 5m where work takes long')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How the result is written')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How the result is written')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; auto means on a terminal, unless NO_COLOR is set or TERM is dumb')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'How to tell on standard error what a long command waits for')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'Write exactly the value''s bytes to standard output and nothing else')
            [CompletionResult]::new('--stale', '--stale', [CompletionResultType]::ParameterName, 'Take what the asked node has, without making sure it is the newest')
            [CompletionResult]::new('--ascii', '--ascii', [CompletionResultType]::ParameterName, 'Use ASCII letters only')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'elastickv-admin;kv;put' {
            [CompletionResult]::new('--value-file', '--value-file', [CompletionResultType]::ParameterName, 'Take the value from a file, byte for byte; - is standard input')
            [CompletionResult]::new('--keys', '--keys', [CompletionResultType]::ParameterName, 'How keys are written')
            [CompletionResult]::new('--values', '--values', [CompletionResultType]::ParameterName, 'How values are written')
            [CompletionResult]::new('--op-id', '--op-id', [CompletionResultType]::ParameterName, 'Names this operation; give the id that was printed when repeating one whose outcome is unknown')
            [CompletionResult]::new('--expect-cluster', '--expect-cluster', [CompletionResultType]::ParameterName, 'Refuse unless the cluster has this name')
            [CompletionResult]::new('--endpoint', '--endpoint', [CompletionResultType]::ParameterName, 'A node to begin with, any member will do; repeat it or separate with commas. Without it ELASTICKV_ENDPOINT counts, and without that 127.0.0.1:50051')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Longest time for one call; by default 2s for questions about state, 5s for reads, 10s for writes')
            [CompletionResult]::new('--deadline', '--deadline', [CompletionResultType]::ParameterName, 'Longest time for the whole command, repetitions included; by default 10s, 5m where work takes long')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How the result is written')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How the result is written')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; auto means on a terminal, unless NO_COLOR is set or TERM is dumb')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'How to tell on standard error what a long command waits for')
            [CompletionResult]::new('--detailed-exit-code', '--detailed-exit-code', [CompletionResultType]::ParameterName, 'Exit with 10 when nothing needed doing')
            [CompletionResult]::new('--ascii', '--ascii', [CompletionResultType]::ParameterName, 'Use ASCII letters only')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'elastickv-admin;kv;delete' {
            [CompletionResult]::new('--key-file', '--key-file', [CompletionResultType]::ParameterName, 'Take the key from a file, byte for byte; - is standard input')
            [CompletionResult]::new('--keys', '--keys', [CompletionResultType]::ParameterName, 'How the key is written')
            [CompletionResult]::new('--op-id', '--op-id', [CompletionResultType]::ParameterName, 'Names this operation; give the id that was printed when repeating one whose outcome is unknown')
            [CompletionResult]::new('--expect-cluster', '--expect-cluster', [CompletionResultType]::ParameterName, 'Refuse unless the cluster has this name')
            [CompletionResult]::new('--endpoint', '--endpoint', [CompletionResultType]::ParameterName, 'A node to begin with, any member will do; repeat it or separate with commas. Without it ELASTICKV_ENDPOINT counts, and without that 127.0.0.1:50051')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Longest time for one call; by default 2s for questions about state, 5s for reads, 10s for writes')
            [CompletionResult]::new('--deadline', '--deadline', [CompletionResultType]::ParameterName, 'Longest time for the whole command, repetitions included; by default 10s, 5m where work takes long')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How the result is written')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How the result is written')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; auto means on a terminal, unless NO_COLOR is set or TERM is dumb')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'How to tell on standard error what a long command waits for')
            [CompletionResult]::new('--detailed-exit-code', '--detailed-exit-code', [CompletionResultType]::ParameterName, 'Exit with 10 when nothing needed doing')
            [CompletionResult]::new('--ascii', '--ascii', [CompletionResultType]::ParameterName, 'Use ASCII letters only')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'elastickv-admin;kv;scan' {
            [CompletionResult]::new('--prefix', '--prefix', [CompletionResultType]::ParameterName, 'Only keys that begin with this')
            [CompletionResult]::new('--start', '--start', [CompletionResultType]::ParameterName, 'Only keys from here on')
            [CompletionResult]::new('--end', '--end', [CompletionResultType]::ParameterName, 'Only keys before this one')
            [CompletionResult]::new('--limit', '--limit', [CompletionResultType]::ParameterName, 'At most this many pairs; 0 means all; without it 1000, and a warning when there are more')
            [CompletionResult]::new('--page-size', '--page-size', [CompletionResultType]::ParameterName, 'Pairs fetched by one call')
            [CompletionResult]::new('--ts', '--ts', [CompletionResultType]::ParameterName, 'Read as of this commit timestamp')
            [CompletionResult]::new('--keys', '--keys', [CompletionResultType]::ParameterName, 'How keys are written')
            [CompletionResult]::new('--values', '--values', [CompletionResultType]::ParameterName, 'How values are written')
            [CompletionResult]::new('--endpoint', '--endpoint', [CompletionResultType]::ParameterName, 'A node to begin with, any member will do; repeat it or separate with commas. Without it ELASTICKV_ENDPOINT counts, and without that 127.0.0.1:50051')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Longest time for one call; by default 2s for questions about state, 5s for reads, 10s for writes')
            [CompletionResult]::new('--deadline', '--deadline', [CompletionResultType]::ParameterName, 'Longest time for the whole command, repetitions included; by default 10s, 5m where work takes long')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How the result is written')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How the result is written')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; auto means on a terminal, unless NO_COLOR is set or TERM is dumb')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'How to tell on standard error what a long command waits for')
            [CompletionResult]::new('--reverse', '--reverse', [CompletionResultType]::ParameterName, 'From the last key to the first')
            [CompletionResult]::new('--keys-only', '--keys-only', [CompletionResultType]::ParameterName, 'Without the values')
            [CompletionResult]::new('--stale', '--stale', [CompletionResultType]::ParameterName, 'Take what the asked node has, without making sure it is the newest')
            [CompletionResult]::new('--ascii', '--ascii', [CompletionResultType]::ParameterName, 'Use ASCII letters only')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'elastickv-admin;encryption' {
            [CompletionResult]::new('--endpoint', '--endpoint', [CompletionResultType]::ParameterName, 'A node to begin with, any member will do; repeat it or separate with commas. Without it ELASTICKV_ENDPOINT counts, and without that 127.0.0.1:50051')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Longest time for one call; by default 2s for questions about state, 5s for reads, 10s for writes')
            [CompletionResult]::new('--deadline', '--deadline', [CompletionResultType]::ParameterName, 'Longest time for the whole command, repetitions included; by default 10s, 5m where work takes long')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How the result is written')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How the result is written')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; auto means on a terminal, unless NO_COLOR is set or TERM is dumb')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'How to tell on standard error what a long command waits for')
            [CompletionResult]::new('--ascii', '--ascii', [CompletionResultType]::ParameterName, 'Use ASCII letters only')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('probe-node-id', 'probe-node-id', [CompletionResultType]::ParameterValue, 'Show the ids that names of nodes have in nonces, and whether two of them clash')
            break
        }
        'elastickv-admin;encryption;probe-node-id' {
            [CompletionResult]::new('--endpoint', '--endpoint', [CompletionResultType]::ParameterName, 'A node to begin with, any member will do; repeat it or separate with commas. Without it ELASTICKV_ENDPOINT counts, and without that 127.0.0.1:50051')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Longest time for one call; by default 2s for questions about state, 5s for reads, 10s for writes')
            [CompletionResult]::new('--deadline', '--deadline', [CompletionResultType]::ParameterName, 'Longest time for the whole command, repetitions included; by default 10s, 5m where work takes long')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How the result is written')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How the result is written')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; auto means on a terminal, unless NO_COLOR is set or TERM is dumb')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'How to tell on standard error what a long command waits for')
            [CompletionResult]::new('--members', '--members', [CompletionResultType]::ParameterName, 'Include the members of the cluster')
            [CompletionResult]::new('--ascii', '--ascii', [CompletionResultType]::ParameterName, 'Use ASCII letters only')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'elastickv-admin;kms' {
            [CompletionResult]::new('--endpoint', '--endpoint', [CompletionResultType]::ParameterName, 'A node to begin with, any member will do; repeat it or separate with commas. Without it ELASTICKV_ENDPOINT counts, and without that 127.0.0.1:50051')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Longest time for one call; by default 2s for questions about state, 5s for reads, 10s for writes')
            [CompletionResult]::new('--deadline', '--deadline', [CompletionResultType]::ParameterName, 'Longest time for the whole command, repetitions included; by default 10s, 5m where work takes long')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How the result is written')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How the result is written')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; auto means on a terminal, unless NO_COLOR is set or TERM is dumb')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'How to tell on standard error what a long command waits for')
            [CompletionResult]::new('--ascii', '--ascii', [CompletionResultType]::ParameterName, 'Use ASCII letters only')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('generate', 'generate', [CompletionResultType]::ParameterValue, 'Make a new wrapping key in a file that only its owner may use; an existing file is never touched')
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Try a wrapping key: wrap, unwrap, and see that another context is refused')
            [CompletionResult]::new('list-schemes', 'list-schemes', [CompletionResultType]::ParameterValue, 'Tell where a wrapping key can be')
            break
        }
        'elastickv-admin;kms;generate' {
            [CompletionResult]::new('--endpoint', '--endpoint', [CompletionResultType]::ParameterName, 'A node to begin with, any member will do; repeat it or separate with commas. Without it ELASTICKV_ENDPOINT counts, and without that 127.0.0.1:50051')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Longest time for one call; by default 2s for questions about state, 5s for reads, 10s for writes')
            [CompletionResult]::new('--deadline', '--deadline', [CompletionResultType]::ParameterName, 'Longest time for the whole command, repetitions included; by default 10s, 5m where work takes long')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How the result is written')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How the result is written')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; auto means on a terminal, unless NO_COLOR is set or TERM is dumb')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'How to tell on standard error what a long command waits for')
            [CompletionResult]::new('--ascii', '--ascii', [CompletionResultType]::ParameterName, 'Use ASCII letters only')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'elastickv-admin;kms;check' {
            [CompletionResult]::new('--endpoint', '--endpoint', [CompletionResultType]::ParameterName, 'A node to begin with, any member will do; repeat it or separate with commas. Without it ELASTICKV_ENDPOINT counts, and without that 127.0.0.1:50051')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Longest time for one call; by default 2s for questions about state, 5s for reads, 10s for writes')
            [CompletionResult]::new('--deadline', '--deadline', [CompletionResultType]::ParameterName, 'Longest time for the whole command, repetitions included; by default 10s, 5m where work takes long')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How the result is written')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How the result is written')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; auto means on a terminal, unless NO_COLOR is set or TERM is dumb')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'How to tell on standard error what a long command waits for')
            [CompletionResult]::new('--ascii', '--ascii', [CompletionResultType]::ParameterName, 'Use ASCII letters only')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'elastickv-admin;kms;list-schemes' {
            [CompletionResult]::new('--endpoint', '--endpoint', [CompletionResultType]::ParameterName, 'A node to begin with, any member will do; repeat it or separate with commas. Without it ELASTICKV_ENDPOINT counts, and without that 127.0.0.1:50051')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Longest time for one call; by default 2s for questions about state, 5s for reads, 10s for writes')
            [CompletionResult]::new('--deadline', '--deadline', [CompletionResultType]::ParameterName, 'Longest time for the whole command, repetitions included; by default 10s, 5m where work takes long')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How the result is written')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How the result is written')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; auto means on a terminal, unless NO_COLOR is set or TERM is dumb')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'How to tell on standard error what a long command waits for')
            [CompletionResult]::new('--ascii', '--ascii', [CompletionResultType]::ParameterName, 'Use ASCII letters only')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'elastickv-admin;version' {
            [CompletionResult]::new('--endpoint', '--endpoint', [CompletionResultType]::ParameterName, 'A node to begin with, any member will do; repeat it or separate with commas. Without it ELASTICKV_ENDPOINT counts, and without that 127.0.0.1:50051')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Longest time for one call; by default 2s for questions about state, 5s for reads, 10s for writes')
            [CompletionResult]::new('--deadline', '--deadline', [CompletionResultType]::ParameterName, 'Longest time for the whole command, repetitions included; by default 10s, 5m where work takes long')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How the result is written')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How the result is written')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; auto means on a terminal, unless NO_COLOR is set or TERM is dumb')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'How to tell on standard error what a long command waits for')
            [CompletionResult]::new('--ascii', '--ascii', [CompletionResultType]::ParameterName, 'Use ASCII letters only')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'elastickv-admin;explain' {
            [CompletionResult]::new('--endpoint', '--endpoint', [CompletionResultType]::ParameterName, 'A node to begin with, any member will do; repeat it or separate with commas. Without it ELASTICKV_ENDPOINT counts, and without that 127.0.0.1:50051')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Longest time for one call; by default 2s for questions about state, 5s for reads, 10s for writes')
            [CompletionResult]::new('--deadline', '--deadline', [CompletionResultType]::ParameterName, 'Longest time for the whole command, repetitions included; by default 10s, 5m where work takes long')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How the result is written')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How the result is written')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; auto means on a terminal, unless NO_COLOR is set or TERM is dumb')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'How to tell on standard error what a long command waits for')
            [CompletionResult]::new('--ascii', '--ascii', [CompletionResultType]::ParameterName, 'Use ASCII letters only')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'elastickv-admin;completions' {
            [CompletionResult]::new('--endpoint', '--endpoint', [CompletionResultType]::ParameterName, 'A node to begin with, any member will do; repeat it or separate with commas. Without it ELASTICKV_ENDPOINT counts, and without that 127.0.0.1:50051')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Longest time for one call; by default 2s for questions about state, 5s for reads, 10s for writes')
            [CompletionResult]::new('--deadline', '--deadline', [CompletionResultType]::ParameterName, 'Longest time for the whole command, repetitions included; by default 10s, 5m where work takes long')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How the result is written')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How the result is written')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; auto means on a terminal, unless NO_COLOR is set or TERM is dumb')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'How to tell on standard error what a long command waits for')
            [CompletionResult]::new('--ascii', '--ascii', [CompletionResultType]::ParameterName, 'Use ASCII letters only')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'elastickv-admin;man' {
            [CompletionResult]::new('--endpoint', '--endpoint', [CompletionResultType]::ParameterName, 'A node to begin with, any member will do; repeat it or separate with commas. Without it ELASTICKV_ENDPOINT counts, and without that 127.0.0.1:50051')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Longest time for one call; by default 2s for questions about state, 5s for reads, 10s for writes')
            [CompletionResult]::new('--deadline', '--deadline', [CompletionResultType]::ParameterName, 'Longest time for the whole command, repetitions included; by default 10s, 5m where work takes long')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How the result is written')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How the result is written')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; auto means on a terminal, unless NO_COLOR is set or TERM is dumb')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'How to tell on standard error what a long command waits for')
            [CompletionResult]::new('--ascii', '--ascii', [CompletionResultType]::ParameterName, 'Use ASCII letters only')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
    })

    $completions.Where{ $_.CompletionText -like "$wordToComplete*" } |
        Sort-Object -Property ListItemText
}
