# SPDX-License-Identifier: GPL-2.0-or-later
#
# The part of the Kconfig language that this tree's declarations use, read into a list of symbols and evaluated:
# menu, if, choice, config, menuconfig, comment, source; bool, tristate, string, int; prompt, default, depends on, select, help.
# Truth is a number as in Kconfig: n = 0, m = 1, y = 2; `and` is the smaller, `or` the greater.
package Kconfig;
use strict;
use warnings;

my %truth = (n => 0, m => 1, y => 2);
my @letter = qw(n m y);

sub new {
	my $class = shift;
	# symbol: name => record; order: symbols, 'menu' and 'end' marks as declared.
	return bless {symbol => {}, order => [], unknown => {}}, $class;
}

# --- reading ---------------------------------------------------------------------------------------------------------

sub read {
	my ($self, $file, @outer) = @_;
	open my $in, '<', $file or die "can't open file \"$file\"\n";
	my @lines = <$in>;
	close $in;

	my @scope = @outer;    # what encloses this line: {kind, depends, ...}
	my ($item, $help_indent);    # the config, choice or menu that attribute lines belong to; in a help text
	for my $number (1 .. @lines) {
		my $line = $lines[$number - 1];
		if (defined $help_indent) {
			next if $line =~ /^\s*$/;
			(my $blank) = $line =~ /^(\s*)/;
			$blank =~ s/\t/        /g;
			$help_indent ||= length $blank;
			next if length($blank) >= $help_indent and $help_indent > 1;
			undef $help_indent;
		}
		$line =~ s/^\s+|\s+$//g;
		next if $line eq '' or $line =~ /^#/;

		if ($line =~ /^(?:menu)?config\s+(\S+)$/) {
			my $choice = $scope[-1] && $scope[-1]{kind} eq 'choice' ? $scope[-1] : undef;
			$item = {depends => []};
			$self->declare($1, $item, $choice, map { $_->{depends} } @scope);
		} elsif ($line =~ /^source\s+"?([^"]+)"?$/) {
			$self->read($_, @scope) for glob $1;
		} elsif ($line =~ /^(menu|comment)\s+"(.*)"$/) {
			$item = {kind => $1, title => $2, depends => []};
			next if $1 eq 'comment';
			push @scope, $item;
			push @{$self->{order}}, ['menu', $2];
		} elsif ($line =~ /^if\s+(.+)$/) {
			push @scope, {kind => 'if', depends => [expression($1)]};
		} elsif ($line =~ /^choice\b/) {
			$item = {kind => 'choice', depends => [], members => [], default => []};
			push @scope, $item;
		} elsif ($line =~ /^end(menu|if|choice)$/) {
			my $ended = pop @scope;
			$ended && $ended->{kind} eq $1 or die "$file:$number: unexpected '$line'\n";
			push @{$self->{order}}, ['end', $ended->{title}] if $1 eq 'menu';
		} elsif ($line =~ /^(?:---)?help(?:---)?$/) {
			$help_indent = 0;
		} elsif (not $item or not attribute($item, $line)) {
			die "$file:$number: unknown statement '$line'\n";
		}
	}
}

# A symbol may be declared more than once (DEFAULT_x by the target, by a device): the declarations add up.
sub declare {
	my ($self, $name, $part, $choice, @depends) = @_;
	my $symbol = $self->{symbol}{$name} //= do {
		push @{$self->{order}}, ['symbol', $name];
		{name => $name, parts => [], selected_by => []};
	};
	$part->{outer} = \@depends;
	$part->{owner} = $symbol;
	push @{$symbol->{parts}}, $part;
	return unless $choice;
	$symbol->{choice} = $choice;
	push @{$choice->{members}}, $name;
}

sub attribute {
	my ($item, $line) = @_;
	if ($line =~ /^(bool|boolean|tristate|string|int|hex)\b\s*(.*)$/) {
		($item->{owner} // $item)->{type} = $1 eq 'boolean' ? 'bool' : $1;
		prompt($item, $2) if $2 ne '';
	} elsif ($line =~ /^prompt\s+(.*)$/) {
		prompt($item, $1);
	} elsif ($line =~ /^default\s+(.*?)(?:\s+if\s+(.*))?$/) {
		push @{$item->{default}}, [expression($1), condition($2)];
	} elsif ($line =~ /^depends\s+on\s+(.*)$/) {
		push @{$item->{depends}}, expression($1);
	} elsif ($line =~ /^select\s+(\S+)(?:\s+if\s+(.*))?$/) {
		push @{$item->{select}}, [$1, condition($2)];
	} else {
		return $line =~ /^(optional|option\s|modules$|range\s|imply\s)/;
	}
	return 1;
}

sub prompt {
	my ($item, $text) = @_;
	my ($if) = $text =~ /^(?:"(?:[^"\\]|\\.)*"|\S+)\s+if\s+(.*)$/;
	$item->{prompt} = condition($if);
}

sub condition { defined $_[0] ? expression($_[0]) : ['const', 'y'] }

# --- expressions: text -> tree ---------------------------------------------------------------------------------------

sub expression {
	my $text = shift;
	my @tokens = $text =~ /("(?:[^"\\]|\\.)*"|\|\||&&|!=|<=|>=|[!=<>()]|[^\s"|&!=<>()]+)/g;
	my $tree = disjunction(\@tokens);
	die "expression '$text' is not understood\n" if @tokens;
	return $tree;
}

sub disjunction {
	my $tokens = shift;
	my $left = conjunction($tokens);
	while (@$tokens and $tokens->[0] eq '||') { shift @$tokens; $left = ['or', $left, conjunction($tokens)] }
	return $left;
}

sub conjunction {
	my $tokens = shift;
	my $left = comparison($tokens);
	while (@$tokens and $tokens->[0] eq '&&') { shift @$tokens; $left = ['and', $left, comparison($tokens)] }
	return $left;
}

sub comparison {
	my $tokens = shift;
	my $left = operand($tokens);
	return $left unless @$tokens and $tokens->[0] =~ /^(!=|<=|>=|=|<|>)$/;
	my $operator = shift @$tokens;
	return ['compare', $operator, $left, operand($tokens)];
}

sub operand {
	my $tokens = shift;
	my $token = shift @$tokens // die "expression ends too early\n";
	return ['not', operand($tokens)] if $token eq '!';
	if ($token eq '(') {
		my $tree = disjunction($tokens);
		(shift @$tokens // '') eq ')' or die "')' is missing in an expression\n";
		return $tree;
	}
	return ['const', $1] if $token =~ /^"(.*)"$/s;
	return ['const', $token] if exists $truth{$token};
	return ['symbol', $token];
}

# --- evaluating ------------------------------------------------------------------------------------------------------

sub tri {
	my ($self, $tree) = @_;
	my ($kind, @of) = @$tree;
	return $truth{$of[0]} // 0 if $kind eq 'const';
	return 2 - $self->tri($of[0]) if $kind eq 'not';
	if ($kind eq 'and') { my ($l, $r) = map { $self->tri($_) } @of; return $l < $r ? $l : $r }
	if ($kind eq 'or') { my ($l, $r) = map { $self->tri($_) } @of; return $l > $r ? $l : $r }
	return $truth{$self->value($of[0])} // 0 if $kind eq 'symbol';
	my ($operator, $left, $right) = ($of[0], map { $self->text($_) } @of[1, 2]);
	my $order = (grep { !/^-?\d+$/ } $left, $right)
		? ($truth{$left} // $left) cmp ($truth{$right} // $right)
		: $left <=> $right;
	my %holds = ('=' => $order == 0, '!=' => $order != 0, '<' => $order < 0, '>' => $order > 0, '<=' => $order <= 0, '>=' => $order >= 0);
	return $holds{$operator} ? 2 : 0;
}

# A name that is no symbol stands for itself, as in Kconfig.
sub text {
	my ($self, $tree) = @_;
	my ($kind, $of) = @$tree;
	return $of if $kind eq 'const';
	return $letter[$self->tri($tree)] unless $kind eq 'symbol';
	return $self->{symbol}{$of} ? $self->value($of) : $of;
}

sub all { my ($self, @trees) = @_; my $least = 2; for (@trees) { my $t = $self->tri($_); $least = $t if $t < $least } return $least }

# Whether a person could set it: the greatest value that any of its prompts allows.
sub visible {
	my ($self, $symbol) = @_;
	my $most = 0;
	for my $part (@{$symbol->{parts}}) {
		next unless $part->{prompt};
		my $t = $self->all($part->{prompt}, @{$part->{depends}}, map { @$_ } @{$part->{outer}});
		$most = $t if $t > $most;
	}
	return $most;
}

sub default {
	my ($self, $symbol) = @_;
	for my $part (@{$symbol->{parts}}) {
		for my $default (@{$part->{default} // []}) {
			my ($tree, $if) = @$default;
			my $allowed = $self->all($if, @{$part->{depends}}, map { @$_ } @{$part->{outer}});
			return ($tree, $allowed) if $allowed;
		}
	}
	return;
}

# Called once all is read: turns `select` round, so that a symbol knows what forces it.
sub link_selects {
	my $self = shift;
	for my $symbol (values %{$self->{symbol}}) {
		for my $part (@{$symbol->{parts}}) {
			for my $select (@{$part->{select} // []}) {
				my $target = $self->{symbol}{$select->[0]} or next;
				push @{$target->{selected_by}}, ['and', ['symbol', $symbol->{name}], $select->[1]];
			}
		}
	}
}

# Forget what was computed: the wishes have changed.
sub forget { my $self = shift; delete @{$_}{qw(value written)} for values %{$self->{symbol}} }

# 'n', 'm', 'y' or a text. Also notes in {written} whether the symbol belongs into .config.
sub value {
	my ($self, $name) = @_;
	my $symbol = $self->{symbol}{$name} or return 'n';
	return $symbol->{value} if defined $symbol->{value};
	my $number = ($symbol->{type} // 'bool') =~ /^(bool|tristate)$/;
	$symbol->{value} = $number ? 'n' : '';    # what a circle of dependencies sees
	return $symbol->{value} = $number ? $self->truth_value($symbol) : $self->text_value($symbol);
}

sub text_value {
	my ($self, $symbol) = @_;
	my $visible = $self->visible($symbol);
	my ($default) = $self->default($symbol);
	$symbol->{written} = $visible || $default ? 1 : 0;
	return $symbol->{wish} if $visible and defined $symbol->{wish};
	return $default ? $self->text($default) : '';
}

sub truth_value {
	my ($self, $symbol) = @_;
	my $visible = $self->visible($symbol);
	$symbol->{written} = $visible ? 1 : 0;
	return $visible && ($self->chosen($symbol->{choice}) // '') eq $symbol->{name} ? 'y' : 'n' if $symbol->{choice};

	my $value = 0;
	if ($visible and defined $symbol->{wish}) {
		$value = $truth{$symbol->{wish}};
		$value = $visible if $value > $visible;
	} elsif (my ($tree, $allowed) = $self->default($symbol)) {
		$value = $self->tri($tree);
		$value = $allowed if $value > $allowed;
	}
	for my $tree (@{$symbol->{selected_by}}) {
		my $forced = $self->tri($tree);
		$value = $forced if $forced > $value;
	}
	$value = 2 if $value == 1 and ($symbol->{type} // 'bool') eq 'bool';
	$symbol->{written} ||= $value ? 1 : 0;
	return $letter[$value];
}

# The last member that was asked for wins, then the first default, then the first that can be seen.
sub chosen {
	my ($self, $choice) = @_;
	my @seen = grep { $self->visible($self->{symbol}{$_}) } @{$choice->{members}};
	my @asked = sort { $self->{symbol}{$b}{wished_at} <=> $self->{symbol}{$a}{wished_at} }
		grep { ($self->{symbol}{$_}{wish} // 'n') eq 'y' } @seen;
	return $asked[0] if @asked;
	for my $default (@{$choice->{default}}) {
		my ($tree, $if) = @$default;
		return $tree->[1] if $self->tri($if) and grep { $_ eq $tree->[1] } @seen;
	}
	return $seen[0];
}

1;
