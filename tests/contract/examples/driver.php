<?php
// Uses the PHP example of docs/integration.md as a CRM would. Usage: php driver.php URL TOKEN
error_reporting(E_ALL);
set_error_handler(fn (int $level, string $said) => (error_reporting() & $level) ? throw new ErrorException($said) : true);
require __DIR__ . '/seats.php';

[, $url, $token] = $argv;
function word(callable $attempt): ?string
{
    try {
        $attempt();
        return null;
    } catch (Refused $no) {
        return $no->word;
    }
}

$seats = new Seats($url, $token);
$told = [];
$seat = $seats->checkOut('علی', 'pc 1', '127.0.0.1');
$told['same'] = $seats->checkOut('علی', 'pc 1', '127.0.0.1') === $seat;
$told['full'] = word(fn () => $seats->checkOut('sara', 'pc 2', '127.0.0.1'));
$told['outside'] = word(fn () => $seats->checkOut('sara', 'pc 2', '192.0.2.1'));
$session = ['seat' => $seat, 'beat' => 0];
$seats->keep($session, 'علی', 'pc 1', '127.0.0.1', 100);
$told['kept'] = $session === ['seat' => $seat, 'beat' => 100] ? [] : $session;
$seats->release($seat);
$seats->keep($session, 'علی', 'pc 1', '127.0.0.1', 200);
$told['regained'] = $session['seat'] !== $seat ? [] : $session;
$told['customer'] = $seats->licence()['customer']['name'];
$told['screen'] = str_contains($seats->screen('fa'), 'dir="rtl"');
$seats->release($session['seat']);
$told['free'] = word(function () use ($seats, &$session) {
    $session = ['seat' => $seats->checkOut('sara', 'pc 2', '127.0.0.1'), 'beat' => 0];
});
$silent = new Seats('http://127.0.0.1:9', $token);
$silent->keep($session, 'sara', 'pc 2', '127.0.0.1', 300);
$seats->release($session['seat']);
$told['wrong'] = word(fn () => (new Seats($url, 'wrong'))->licence());
$told['silent'] = word(fn () => $silent->licence());
echo json_encode($told, JSON_UNESCAPED_UNICODE), "\n";
